// Fields through several layers: what a cell goes back to and what goes back to it, by how many paths.

/**
 * Follow the scene's links from a cell: for every panel on the way, the number of paths by axis, as arrays over
 * padded coordinates. The links are grids (each axis for itself), so the numbers of a cell multiply.
 */
export function fieldsOf(scene, panel, cell) {
  return followed(scene, panel, cell, (at) => {
    const link = scene.links.find((each) => each.source === at.name);
    return link && { to: scene.byName.get(link.panel), next: (counts, to) => computedFrom(link, at, counts, to) };
  });
}

/** The same the other way: every later panel, with the paths from its cells to this one. */
export function usersOf(scene, panel, cell) {
  return followed(scene, panel, cell, (at) => {
    const link = scene.links.find((each) => each.panel === at.name);
    return link && { to: scene.byName.get(link.source), next: (counts, to) => computedWith(link, to, counts, at) };
  });
}

function followed(scene, panel, cell, along) {
  const start = panel.shape.map((_, axis) => {
    const counts = noPaths(panel, axis);
    counts[cell[axis] + panel.margin[axis][0]] = 1;
    return counts;
  });
  const found = new Map([[panel.name, start]]);
  let at = panel;
  for (let way = along(at); way; way = along(at)) {
    found.set(way.to.name, way.next(found.get(at.name), way.to));
    at = way.to;
  }
  return found;
}

function noPaths(panel, axis) {
  const [before, after] = panel.margin[axis];
  return new Float64Array(before + panel.shape[axis] + after);
}

/** From the cells of a layer to those that it was computed from. */
function computedFrom(link, from, counts, to) {
  return to.shape.map((_, axis) => {
    const paths = noPaths(to, axis);
    pairsOf(link, from, to, axis, (source, at, place) => {
      paths[place] += source < 0 ? 1 : counts[source][at];
    });
    return paths;
  });
}

/** From the cells of a layer to those that were computed from it: the same pairs, turned round. */
function computedWith(link, from, counts, to) {
  const paths = from.shape.map((size, axis) => {
    const read = to.shape.some((_, each) => link.step[each][axis] !== 0);
    // What nothing of the layer below depends on is the same everywhere: a filter reads like its neighbour.
    return read ? noPaths(from, axis) : noPaths(from, axis).map((_, at) => Number(isOwn(from, axis, at)));
  });
  to.shape.forEach((_, axis) => {
    pairsOf(link, from, to, axis, (source, at, place) => {
      if (source >= 0) paths[source][at] += counts[axis][place];
    });
  });
  return paths;
}

/** Call `pair(axis of the source or -1, its padded coordinate, padded coordinate read)` for one axis of a link. */
function pairsOf(link, from, to, axis, pair) {
  const before = to.margin[axis][0];
  const length = before + to.shape[axis] + to.margin[axis][1];
  const source = link.step[axis].findIndex((stride) => stride !== 0);
  const tap = link.term[axis].findIndex((stride) => stride !== 0);
  const taps = tap < 0 ? 1 : link.terms[tap];
  // Own coordinates only: what lies in the padding was computed from nothing.
  for (let position = 0; position < (source < 0 ? 1 : from.shape[source]); position += 1) {
    const start = link.origin[axis] + before + (source < 0 ? 0 : link.step[axis][source] * position);
    for (let i = 0; i < taps; i += 1) {
      const place = start + (tap < 0 ? 0 : link.term[axis][tap] * i);
      if (place >= 0 && place < length) pair(source, source < 0 ? 0 : position + from.margin[source][0], place);
    }
  }
}

function isOwn(panel, axis, padded) {
  const position = padded - panel.margin[axis][0];
  return position >= 0 && position < panel.shape[axis];
}

/** The cells of a panel that paths lead to, its padding left aside. */
export function reachedIn(panel, counts) {
  let cells = [[]];
  panel.shape.forEach((_, axis) => {
    const places = [];
    counts[axis].forEach((count, padded) => {
      if (count > 0 && isOwn(panel, axis, padded)) places.push(padded - panel.margin[axis][0]);
    });
    cells = cells.flatMap((start) => places.map((place) => [...start, place]));
  });
  return cells;
}

/** From where to where a field reaches along an axis, in own coordinates. */
export function extent(counts, before) {
  const first = counts.findIndex((count) => count > 0);
  let last = counts.length - 1;
  while (last > first && counts[last] === 0) last -= 1;
  return [first - before, last - before];
}
