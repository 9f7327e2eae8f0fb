// Fields through several layers: what a cell goes back to, by how many paths, layer by layer.

/**
 * Follow the scene's links from a cell: for every panel on the way, the number of paths by axis, as arrays over
 * padded coordinates. The links are grids (each axis for itself), so the numbers of a cell multiply.
 */
export function fieldsOf(scene, panel, cell) {
  const fields = new Map();
  const start = panel.shape.map((size, axis) => {
    const [before, after] = panel.margin[axis];
    const counts = new Float64Array(before + size + after);
    counts[cell[axis] + before] = 1;
    return counts;
  });
  fields.set(panel.name, start);
  let at = panel;
  for (;;) {
    const link = scene.links.find((each) => each.source === at.name);
    if (!link) return fields;
    const to = scene.byName.get(link.panel);
    fields.set(to.name, follow(link, at, fields.get(at.name), to));
    at = to;
  }
}

function follow(link, from, counts, to) {
  return to.shape.map((size, axis) => {
    const [before, after] = to.margin[axis];
    const paths = new Float64Array(before + size + after);
    const along = link.step[axis].findIndex((stride) => stride !== 0);
    const tap = link.term[axis].findIndex((stride) => stride !== 0);
    const taps = tap < 0 ? 1 : link.terms[tap];
    const starts = along < 0 ? [[0, 1]] : nonzero(counts[along], from.margin[along][0], from.shape[along]);
    for (const [position, count] of starts) {
      for (let i = 0; i < taps; i += 1) {
        const place = link.origin[axis] + (along < 0 ? 0 : link.step[axis][along] * position) + (tap < 0 ? 0 : link.term[axis][tap] * i);
        if (place + before >= 0 && place + before < paths.length) paths[place + before] += count;
      }
    }
    return paths;
  });
}

/** Own coordinates with paths through them; what lies in the padding goes no further. */
function nonzero(counts, before, size) {
  const found = [];
  for (let position = 0; position < size; position += 1) {
    if (counts[position + before] > 0) found.push([position, counts[position + before]]);
  }
  return found;
}

/** From where to where a field reaches along an axis, in own coordinates. */
export function extent(counts, before) {
  const first = counts.findIndex((count) => count > 0);
  let last = counts.length - 1;
  while (last > first && counts[last] === 0) last -= 1;
  return [first - before, last - before];
}
