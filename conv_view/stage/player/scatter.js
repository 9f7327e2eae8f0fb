// Steps that add to many cells of the result at once: what it holds after each of them.

import { arithmeticValue } from "./arithmetic.js";
import { cellOf, locate, ravel, sourceOf, unravel, valueAt } from "./scene.js";
import { actOf, copies, shows } from "./copying.js";

/** Whether a step of the act adds to a window of its result instead of computing one cell. */
export function scatters(act) {
  if (copies(act)) return false;
  const relation = act.relations.get(act.arithmetic.result);
  return Boolean(relation?.term.some((row) => row.some((stride) => stride !== 0)));
}

/** Whether several steps of the act add to one cell of its result: those of a window, or all to the same. */
export function grows(act) {
  if (scatters(act)) return true;
  const relation = act.relations.get(act.arithmetic.result);
  return act.together.length > 1 && act.shape.length > 0 && relation.step.every((row) => row.every((stride) => stride === 0));
}

/** Which terms of a scattering step fall outside its result and are cut off; none of any other step. */
export function cutOff(scene, act, index) {
  if (!scatters(act)) return [];
  const panel = scene.byName.get(act.arithmetic.result);
  return Array.from({ length: act.termCount }, (_, term) => isCutOff(panel, act, { step: index, term: unravel(term, act.terms) }));
}

/** Whether what a term of a step adds falls outside the result. */
export function isCutOff(result, act, { step, term }) {
  return sourceOf(result, cellOf(act.relations.get(result.name), step, term)) === null;
}

/** The result of a scattering act as it grows. Any step can be asked for; the next one costs only itself. */
export class Growing {
  constructor(scene, act) {
    this.scene = scene;
    this.act = act;
    this.panel = scene.byName.get(act.arithmetic.result);
    this.total = new Uint32Array(this.panel.values.length);
    this.each(0, act.steps, (flat) => {
      this.total[flat] += 1;
    });
    this.restart();
  }

  restart() {
    this.reached = 0; // how many steps are in
    this.sums = new Float64Array(this.panel.values.length);
    this.seen = new Uint32Array(this.panel.values.length);
  }

  /** Call `then(flat, product)` for what the steps from `first` to before `end` add. */
  each(first, end, then) {
    const { act, panel } = this;
    const relation = act.relations.get(panel.name);
    for (let step = first; step < end; step += 1) {
      const index = unravel(step, act.shape);
      for (let i = 0; i < act.termCount; i += 1) {
        const term = unravel(i, act.terms);
        // What falls on padding that is a copy goes to the cell it copies.
        const cell = sourceOf(panel, cellOf(relation, index, term));
        if (cell === null) continue;
        const flat = ravel(cell, panel.shape);
        then(flat, arithmeticValue(this.scene, act, index, term));
      }
    }
  }

  /** The value of a cell of the result after `step` (counted in the whole story). */
  valueAfter(step, cell) {
    const end = Math.max(0, Math.min(this.act.steps, step - this.act.first + 1));
    if (end < this.reached) this.restart();
    this.each(this.reached, end, (flat, product) => {
      this.sums[flat] += product;
      this.seen[flat] += 1;
    });
    this.reached = end;
    const flat = ravel(cell, this.panel.shape);
    // Once all is in, the number is the core's own and not a sum in another order.
    if (this.seen[flat] === this.total[flat]) return valueAt(this.panel, cell);
    return this.sums[flat] + this.bias(cell);
  }

  bias(cell) {
    const { bias } = this.act.arithmetic;
    if (!bias) return 0;
    return valueAt(this.scene.byName.get(bias), [cell[0], 0]);
  }
}

/** Whether the act at a step scatters into this panel. */
export function growsHere(scene, step, panel) {
  const act = actOf(locate(scene, step).act, panel);
  return shows(panel, act) && grows(act);
}
