// What a frame shows where: boxes for the canvas, the slice in focus, the cell at a place.

import { cellOf, unravel } from "./scene.js";
import { gridOf, layoutFor, place } from "./layout.js";

/** Boxes and grids for a canvas of this size. */
export function arrange(scene, width, height) {
  const layout = layoutFor(scene, width);
  const narrow = layout === scene.layout.narrow;
  const boxes = place(scene, layout, { x: 1, y: 0, width: width - 2, height }, narrow);
  const grids = Object.assign(new Map(), { headings: boxes.headings });
  for (const [name, box] of boxes) grids.set(name, gridOf(scene.byName.get(name), box));
  return grids;
}

/** Which slice of a stack stands in focus: the reader's choice, else the one the step is at. */
export function focusSlice(frame, grid) {
  const { panel } = grid;
  const axis = panel.view.stack;
  if (axis === undefined || grid.slices === 1) return 0;
  const chosen = frame.slices.get(panel.name);
  if (chosen !== undefined) return Math.min(chosen, grid.slices - 1);
  const relation = frame.attention.act.relations.get(panel.name);
  if (!relation) return 0;
  const { act, index, term } = frame.attention;
  // The middle of a window that moves through the slices; of channels, which it takes all, the first.
  const moves = relation.step[axis].some((stride) => stride !== 0);
  const middle = act.terms.map((size) => (moves ? Math.floor(size / 2) : 0));
  const at = cellOf(relation, index, term === null ? middle : unravel(term, act.terms));
  return Math.max(0, Math.min(grid.slices - 1, at[axis] + panel.margin[axis][0]));
}

/** The array cell at a padded slice, row and column; axes that are not drawn follow the step. */
export function cellAt(frame, grid, slice, row, col) {
  const { panel } = grid;
  const { rows, cols, stack } = panel.view;
  const relation = frame.attention.act.relations.get(panel.name);
  const cell = relation
    ? cellOf(relation, frame.attention.index, frame.attention.act.terms.map(() => 0))
    : panel.shape.map(() => 0);
  cell[rows] = row - panel.margin[rows][0];
  cell[cols] = col - panel.margin[cols][0];
  if (stack !== undefined) cell[stack] = slice - panel.margin[stack][0];
  return cell;
}

export function within(position, size) {
  return position >= 0 && position < size;
}
