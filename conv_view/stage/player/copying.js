// Steps that copy cells into another panel, and cells that are seen going from panel to panel.

import { cellOf, inside, ravel, unravel } from "./scene.js";

/** Whether a step of the act puts its terms into cells of the result as they are. */
export function copies(act) {
  return act.arithmetic.reduce === "copy";
}

/** For every cell of a copying act's result the step (counted in the act) that writes it; `steps` where none does. */
export function orderOf(scene, act) {
  const panel = scene.byName.get(act.arithmetic.result);
  const relation = act.relations.get(panel.name);
  const order = new Int32Array(panel.values.length).fill(act.steps);
  for (let step = 0; step < act.steps; step += 1) {
    const index = unravel(step, act.shape);
    for (let i = 0; i < act.termCount; i += 1) {
      const cell = cellOf(relation, index, unravel(i, act.terms));
      if (inside(panel, cell)) order[ravel(cell, panel.shape)] = step;
    }
  }
  return order;
}

/** Whether a panel shows the result of an act, in its own shape or in another. */
export function shows(panel, act) {
  return panel.name === act.arithmetic.result || panel.same === act.arithmetic.result;
}

/** Of the acts that go on in the same steps the one that a panel belongs to: as its result, or as a factor. */
export function actOf(act, panel) {
  const has = (test) => act.together.find(test);
  const lens = panel.factors?.join();
  return (
    has((each) => shows(panel, each)) ??
    has((each) => lens !== undefined && lens === each.arithmetic.factors.join()) ??
    has((each) => each.arithmetic.factors.includes(panel.name)) ??
    act
  );
}

/** Whether a panel shows what only later acts compute: faint in a scene that says so. */
export function isPending(scene, act, panel) {
  if (!scene.options.pending || shows(panel, act)) return false;
  return scene.acts.some((other) => other.first > act.first && shows(panel, other)) && !scene.acts.some((other) => other.first < act.first && shows(panel, other));
}

/** The same cell of the panel whose values this one holds in another shape. */
export function cellOfSame(panel, original, cell) {
  return panel === original ? cell : unravel(ravel(cell, panel.shape), original.shape);
}
