// A scene as it travels becomes arrays and index maps. The only place that knows the wire format.

const ARRAYS = { uint8: Uint8Array, int32: Int32Array, float32: Float32Array, float64: Float64Array };
const MOST_MATCHES = 120000;

/** Decode the bytes of conv_view/scene.py. The incoming array may start at an odd offset, hence the copy. */
export function decode(bytes) {
  const copy = bytes.slice();
  const length = new DataView(copy.buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(copy.subarray(4, 4 + length)));
  const columns = header.columns.map(
    (column) => new ARRAYS[column.type](copy.buffer, 4 + length + column.at, column.size),
  );
  const panels = header.panels.map((panel) => openPanel(panel, columns, header.acts[0]));
  const byName = new Map(panels.map((panel) => [panel.name, panel]));
  let first = 0;
  const acts = header.acts.map((act) => {
    const opened = openAct(act, first);
    first += opened.steps;
    return opened;
  });
  return { ...header, links: header.links ?? null, panels, byName, acts, steps: first, options: header.options ?? {} };
}

function openPanel(panel, columns, act) {
  const shape = panel.shape ?? act.terms;
  const margin = panel.margin ?? shape.map(() => [0, 0]);
  return {
    ...panel,
    shape,
    margin,
    strides: stridesOf(shape),
    values: panel.column === undefined ? null : columns[panel.column],
    sources: panel.sources ? panel.sources.map((index) => (index === null ? null : columns[index])) : null,
    fill: Number(panel.fill ?? 0), // an infinity comes as a text
    labels: panel.labels ?? {},
    crossed: panel.crossed === undefined ? null : columns[panel.crossed],
  };
}

function openAct(act, first) {
  const opened = {
    ...act,
    first,
    steps: count(act.shape),
    termCount: count(act.terms),
    relations: new Map(act.relations.map((relation) => [relation.panel, relation])),
    frames: new Map((act.frames ?? []).map((relation) => [relation.panel, relation])),
  };
  // What goes on in the same steps: each knows all of them, the act itself first.
  opened.together = [opened, ...(act.also ?? []).map((other) => openAct({ ...other, shape: act.shape }, first))];
  for (const other of opened.together) other.together = opened.together;
  return opened;
}

export function count(shape) {
  return shape.reduce((product, size) => product * size, 1);
}

export function stridesOf(shape) {
  const strides = new Array(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis -= 1) strides[axis] = strides[axis + 1] * shape[axis + 1];
  return strides;
}

/** The index, in row-major order, of position `flat` of an array of this shape. */
export function unravel(flat, shape) {
  const index = new Array(shape.length);
  let rest = flat;
  for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
    index[axis] = rest % shape[axis];
    rest = Math.floor(rest / shape[axis]);
  }
  return index;
}

export function ravel(index, shape) {
  return index.reduce((flat, position, axis) => flat * shape[axis] + position, 0);
}

/** The act that holds a step, and the step's index in the act's shape. */
export function locate(scene, step) {
  const bounded = Math.max(0, Math.min(scene.steps - 1, step));
  const act = scene.acts.find((each) => bounded < each.first + each.steps);
  return { act, index: unravel(bounded - act.first, act.shape), step: bounded };
}

/** Evaluate a relation forwards: the cell of one term of one step. */
export function cellOf(relation, step, term) {
  const at = relation.floors ? [...step, ...relation.floors.map(([axis, by]) => Math.floor(step[axis] / by))] : step;
  return relation.origin.map((origin, axis) => {
    const [bySteps, byTerms] = [relation.step[axis], relation.term[axis]];
    let position = origin;
    for (let i = 0; i < bySteps.length; i += 1) position += bySteps[i] * at[i];
    // One that has cells of its own is asked for its first by the zeros of any act.
    for (let i = 0; i < byTerms.length; i += 1) position += byTerms[i] * (term[i] ?? 0);
    return position;
  });
}

/** What a relation's cells of one step are numbered by: the terms of the act, or those it has of its own. */
export function termsOf(act, relation) {
  return relation.over ?? act.terms;
}

/** Evaluate a relation backwards: every (step, term) that lands on the cell. */
export function matches(act, relation, cell) {
  const floors = relation.floors ?? [];
  const terms = termsOf(act, relation);
  const quotients = floors.map(([axis, by]) => Math.ceil(act.shape[axis] / by));
  const sizes = [...act.shape, ...quotients, ...terms, ...floors.map(([, by]) => by)];
  const rows = relation.origin.map((origin, axis) => ({
    target: cell[axis] - origin,
    strides: [...relation.step[axis], ...relation.term[axis], ...floors.map(() => 0)],
  }));
  // A quotient is tied to its step by what remains: step = quotient * by + rest.
  floors.forEach(([axis, by], at) => {
    const strides = sizes.map(() => 0);
    strides[axis] = 1;
    strides[act.shape.length + at] = -by;
    strides[sizes.length - floors.length + at] = -1;
    rows.push({ target: 0, strides });
  });
  const firstTerm = act.shape.length + floors.length;
  const found = [];
  const chosen = new Array(sizes.length).fill(0);
  const order = variablesInOrder(rows, sizes.length);
  const descend = (depth) => {
    if (found.length >= MOST_MATCHES) return;
    if (depth === order.length) {
      if (rows.every((row) => row.target === dot(row.strides, chosen))) {
        found.push({ step: chosen.slice(0, act.shape.length), term: chosen.slice(firstTerm, firstTerm + terms.length) });
      }
      return;
    }
    const variable = order[depth];
    const solved = solve(rows, order, depth, chosen);
    if (solved !== null) {
      if (!Number.isInteger(solved) || solved < 0 || solved >= sizes[variable]) return;
      chosen[variable] = solved;
      descend(depth + 1);
      return;
    }
    for (let value = 0; value < sizes[variable]; value += 1) {
      chosen[variable] = value;
      descend(depth + 1);
    }
  };
  descend(0);
  return found;
}

/** Variables of one equation stand together, so that the last one of each equation can be solved for. */
function variablesInOrder(rows, size) {
  const order = [];
  for (const row of rows) {
    row.strides.forEach((stride, variable) => {
      if (stride !== 0 && !order.includes(variable)) order.push(variable);
    });
  }
  for (let variable = 0; variable < size; variable += 1) if (!order.includes(variable)) order.push(variable);
  return order;
}

/** Where an equation has the variable at `depth` as its only open one, that equation gives its value. */
function solve(rows, order, depth, chosen) {
  const variable = order[depth];
  for (const row of rows) {
    if (row.strides[variable] === 0) continue;
    let rest = row.target;
    let open = false;
    row.strides.forEach((stride, other) => {
      if (stride === 0 || other === variable) return;
      if (order.indexOf(other) < depth) rest -= stride * chosen[other];
      else open = true;
    });
    if (!open) return rest / row.strides[variable];
  }
  return null;
}

function dot(left, right) {
  let sum = 0;
  for (let i = 0; i < left.length; i += 1) sum += left[i] * right[i];
  return sum;
}

/** The cell of the array that a padded cell copies; the cell itself inside; null where padding is filled. */
export function sourceOf(panel, cell) {
  const own = [];
  for (let axis = 0; axis < cell.length; axis += 1) {
    const position = cell[axis];
    if (position >= 0 && position < panel.shape[axis]) own.push(position);
    else {
      const source = panel.sources?.[axis]?.[position + panel.margin[axis][0]] ?? -1;
      if (source < 0) return null;
      own.push(source);
    }
  }
  return own;
}

/** Every padded coordinate that holds the value of an own cell, the cell itself included. */
export function copiesOf(panel, cell) {
  let cells = [[]];
  cell.forEach((position, axis) => {
    const places = [position];
    const source = panel.sources?.[axis];
    if (source) {
      const before = panel.margin[axis][0];
      source.forEach((own, padded) => {
        if (own === position && padded - before !== position) places.push(padded - before);
      });
    }
    cells = cells.flatMap((start) => places.map((place) => [...start, place]));
  });
  return cells;
}

export function inside(panel, cell) {
  return cell.every((position, axis) => position >= 0 && position < panel.shape[axis]);
}

export function valueAt(panel, cell) {
  const own = sourceOf(panel, cell);
  if (own === null) return panel.fill;
  let flat = 0;
  for (let axis = 0; axis < own.length; axis += 1) flat += own[axis] * panel.strides[axis];
  const value = panel.values[flat];
  if (!panel.quantised) return value;
  const [low, high] = panel.quantised;
  return low + (value * (high - low)) / 255;
}
