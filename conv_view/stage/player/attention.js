// What a frame lights up: a step's own cells, or everything a pointed-at cell is tied to.

import { cellOf, copiesOf, count, inside, locate, matches, ravel, sourceOf, termsOf, unravel, valueAt } from "./scene.js";
import { actOf, cellOfSame, copies } from "./copying.js";
import { winnerOf } from "./arithmetic.js";
import { grows, scatters } from "./scatter.js";
import { fieldsOf, reachedIn, usersOf } from "./fields.js";

/**
 * The attention of a frame. `target` is null (the step itself) or {panel, cell} in padded coordinates.
 * Returns the act, the step whose arithmetic is shown, its term in focus (or null), the lit cells by panel
 * name, and what to say: {kind, panel, cell, uses}.
 */
export function attend(scene, step, term, target) {
  const here = locate(scene, step);
  if (!target && scene.links) {
    const result = scene.byName.get(here.act.arithmetic.result);
    return ofField(scene, here, result, cellOf(here.act.relations.get(result.name), here.index, here.act.terms.map(() => 0)));
  }
  if (!target) return ofStep(scene, here, term, { kind: "step" });
  const panel = scene.byName.get(target.panel);
  if (scene.links) return ofField(scene, here, panel, target.cell);
  if (panel.pen) return ofStep(scene, here, term, { kind: "step" }); // a sheet is drawn on, not read
  if (panel.factors) {
    const flat = target.cell.reduce((sum, position, axis) => sum * panel.shape[axis] + position, 0);
    return ofStep(scene, { ...here, act: actOf(here.act, panel) }, flat, { kind: "term", ...target });
  }
  const act = actOf(here.act, panel);
  // A result in another shape is pointed at as the result itself.
  if (panel.same && panel.same === act.arithmetic.result && inside(panel, target.cell)) {
    const original = scene.byName.get(panel.same);
    return attend(scene, step, term, { panel: original.name, cell: cellOfSame(panel, original, target.cell) });
  }
  const relation = act.relations.get(target.panel);
  const isOperand = relation && target.panel !== act.arithmetic.result;
  if (!relation || (scene.options.layers && isOperand)) {
    // What another act has made is read as the step that made it; of layers, also what the act at hand reads.
    const made = inside(panel, target.cell) && stepOfCell(scene, panel, target.cell);
    // What many steps have added to is read as the sum of what they added.
    if (made && scatters(made.act)) return ofCell(scene, made, null, panel, target.cell);
    if (made) return ofStep(scene, made, null, { kind: "step", ...target });
  }
  if (!relation) {
    return { ...ofStep(scene, here, term, { kind: "value", ...target }), lit: new Map([[target.panel, [target.cell]]]) };
  }
  // A cell that belongs to one step alone shows that step: of a step that scatters it is the one read.
  const ofOneStep = grows(act) ? act.arithmetic.factors[0] : act.arithmetic.result;
  if (target.panel === ofOneStep && isFixed(relation)) {
    const [match] = matches(act, relation, target.cell);
    if (!match) return ofStep(scene, here, term, { kind: "step" });
    const index = match.step;
    const stepOfCell = act.first + index.reduce((sum, position, axis) => sum * act.shape[axis] + position, 0);
    return ofStep(scene, { act, index, step: stepOfCell }, null, { kind: "step", ...target });
  }
  if (copies(act) && target.panel === act.arithmetic.result) {
    const [match] = matches(act, relation, target.cell);
    // A copy belongs to the step that made it.
    if (match) return ofCell(scene, { act, index: match.step, step: act.first + ravel(match.step, act.shape) }, term, panel, target.cell);
  }
  return ofCell(scene, { ...here, act }, term, panel, target.cell);
}

/** The cells of one step: each relation evaluated for every term. */
function ofStep(scene, { act, index, step }, term, about) {
  const lit = new Map();
  for (const [name, relation] of act.relations) lit.set(name, ledTo(scene, act, relation, index));
  return { act, index, step, term, lit, about, uses: null, winner: winnerOf(scene, act, index) };
}

/** Whether all terms of a step meet the same cell of a relation. */
function isFixed(relation) {
  return relation.term.every((row) => row.every((stride) => stride === 0));
}

export function termCells(act, relation, index) {
  const terms = termsOf(act, relation);
  if (terms.includes(0)) return []; // it follows the step, and has no cells of it
  if (isFixed(relation)) return [cellOf(relation, index, terms.map(() => 0))];
  const cells = new Array(count(terms));
  for (let i = 0; i < cells.length; i += 1) cells[i] = cellOf(relation, index, unravel(i, terms));
  return cells;
}

/** The same without the cells that a zero of the act's routing factor leads to; all cells of that factor itself. */
function ledTo(scene, act, relation, index) {
  const cells = termCells(act, relation, index);
  const { routes } = act.arithmetic;
  if (!routes || relation.over || relation.panel === routes || isFixed(relation)) return cells;
  return cells.filter((_, at) => leads(scene, act, { step: index, term: unravel(at, act.terms) }));
}

/** Whether a term of a step carries anything to its result. */
export function leads(scene, act, { step, term }) {
  const { routes } = act.arithmetic;
  return !routes || valueAt(scene.byName.get(routes), cellOf(act.relations.get(routes), step, term)) !== 0;
}

/** The first and the last cell of a step, of a relation with cells of its own. */
export function endsOf(relation, index) {
  return [cellOf(relation, index, []), cellOf(relation, index, relation.over.map((size) => size - 1))];
}

/** What a cell of any layer goes back to, and the later cells that use it; the step is the cell's own, if any. */
function ofField(scene, here, panel, cell) {
  const lit = new Map();
  for (const [name, counts] of usersOf(scene, panel, cell)) lit.set(name, reachedIn(scene.byName.get(name), counts));
  const last = [...lit.keys()].at(-1);
  const users = last === panel.name ? null : { panel: last, count: lit.get(last).length };
  const about = { kind: "field", panel: panel.name, cell, users };
  lit.set(panel.name, [cell]);
  const within = inside(panel, cell);
  const fields = within ? fieldsOf(scene, panel, cell) : null;
  const { act, index, step } = (within && stepOfCell(scene, panel, cell)) || here;
  return { act, index, step, term: null, lit, about, fields, uses: null, winner: null };
}

/** The step whose result a cell is. */
function stepOfCell(scene, panel, cell) {
  for (const act of scene.acts) {
    if (act.arithmetic.result !== panel.name) continue;
    const [match] = matches(act, act.relations.get(panel.name), cell);
    if (match) return { act, index: match.step, step: act.first + ravel(match.step, act.shape) };
  }
  return null;
}

/** Everything that one cell of an operand takes part in, through the padding's copies of it too. */
function ofCell(scene, { act, index, step }, term, panel, cell) {
  const relation = act.relations.get(panel.name);
  const own = sourceOf(panel, cell);
  const places = own && inside(panel, cell) ? copiesOf(panel, cell) : [cell];
  const pairs = places.flatMap((place) => matches(act, relation, place)).filter((pair) => relation.over || leads(scene, act, pair));
  const lit = new Map();
  for (const [name, other] of act.relations) {
    if (name === panel.name) continue;
    // What else goes on in the same steps has nothing to do with a cell of this act.
    if (act.together.some((one) => one !== act && one.arithmetic.result === name)) continue;
    const seen = new Map();
    for (const pair of pairs) {
      // Where one of the two has cells of its own, all of the step's cells go together.
      const reached = relation.over || other.over ? termCells(act, other, pair.step) : [cellOf(other, pair.step, pair.term)];
      for (const each of reached) seen.set(each.join(), each);
    }
    lit.set(name, [...seen.values()]);
  }
  lit.set(panel.name, places);
  const here = pairs.find((pair) => pair.step.every((position, axis) => position === index[axis]));
  const uses = { panel: panel.name, source: own && !inside(panel, cell) ? own : null, places, lit };
  const shownTerm = here ? here.term.reduce((sum, at, axis) => sum * act.terms[axis] + at, 0) : term;
  // The products of a step that scatters have no sum: where the cell's own are counted, they are what is listed.
  const isCounted = act.pointed?.[panel.name] && act.arithmetic.factors.length > 1;
  const isListed = isCounted && scatters(act) && panel.name !== act.arithmetic.result;
  return {
    act,
    index,
    step,
    listed: isListed ? { pairs, here: pairs.indexOf(here) } : null,
    term: here && !relation.over && panel.name !== act.arithmetic.result ? shownTerm : null,
    lit,
    about: { kind: "cell", panel: panel.name, cell, value: valueAt(panel, cell), pairs: pairs.length },
    uses,
    winner: winnerOf(scene, act, index),
    // What is cut off has no sum to be read.
    gather: panel.name === act.arithmetic.result && inside(panel, cell) && !copies(act) ? { pairs, cell } : null,
  };
}
