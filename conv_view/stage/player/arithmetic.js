// What a step computes out of its terms: a sum of products, or what pooling and additions make of values.

import { cellOf, inside, unravel, valueAt } from "./scene.js";

/**
 * The reductions. Each takes the terms that count and tells the value, and each knows how it is written:
 * `opens`, `joins` and `closes` stand around the printed terms, `alone` around one that is by itself.
 */
const REDUCTIONS = {
  sum: { of: add, joins: " + " },
  mean: {
    of: (values, { divisor }) => add(values) / divisor,
    opens: "(",
    joins: " + ",
    closes: ({ divisor }) => `) / ${divisor}`,
    alone: { closes: ({ divisor }) => ` / ${divisor}` },
  },
  max: { of: (values) => values.reduce(larger, -Infinity), opens: "max(", joins: ", ", closes: () => ")" },
  copy: { of: add, joins: " " },
  lp: {
    of: (values, { power }) => add(values.map((value) => Math.abs(value) ** power)) ** (1 / power),
    opens: "(",
    joins: " + ",
    closes: ({ power }) => `)<sup>1/${power}</sup>`,
    term: (text, { power }) => `|${text}|<sup>${power}</sup>`,
  },
};

export function reductionOf(act) {
  return REDUCTIONS[act.arithmetic.reduce ?? "sum"];
}

/** What may be done to a reduced value, and how it is written around it. `rounds`: its values have no last digit. */
const THEN = {
  relu: { of: (value) => Math.max(0, value), opens: "max(0, " },
  tanh: { of: Math.tanh, opens: "tanh(", rounds: true },
  sigmoid: { of: (value) => 1 / (1 + Math.exp(-value)), opens: "sigmoid(", rounds: true },
  // LeNet-5's: between -1.7159 and 1.7159, and 1 at 1 (LeCun and others, 1998, appendix A).
  squash: { of: (value) => 1.7159 * Math.tanh((2 / 3) * value), opens: "1.7159·tanh(⅔·(", closes: "))", rounds: true },
};

export function thenOf(act) {
  return THEN[act.arithmetic.then] ?? null;
}

function add(values) {
  return values.reduce((sum, value) => sum + value, 0);
}

/** The larger of two, the first on a tie; what is not a number wins, as in PyTorch. */
function larger(best, value) {
  return Number.isNaN(best) || best >= value ? best : value;
}

/** The product of one term of one step. */
export function arithmeticValue(scene, act, index, term) {
  let product = 1;
  for (const name of act.arithmetic.factors) {
    product *= valueAt(scene.byName.get(name), cellOf(act.relations.get(name), index, term));
  }
  return product;
}

/** One term of one step: what is multiplied, and the product. */
export function termOf(scene, act, { step, term }) {
  const operands = act.arithmetic.factors.map((name) => {
    const panel = scene.byName.get(name);
    const at = cellOf(act.relations.get(name), step, term);
    return { value: valueAt(panel, at), cell: at, padded: !inside(panel, at), panel };
  });
  return { operands, product: operands.reduce((value, operand) => value * operand.value, 1) };
}

/** The sum of what several steps add to one cell of a result: the pairs (step, term) that land on it. */
export function gathered(scene, act, pairs, cell) {
  const result = scene.byName.get(act.arithmetic.result);
  const terms = pairs.map((pair) => termOf(scene, act, pair));
  const { bias } = act.arithmetic;
  const added = bias ? valueAt(scene.byName.get(bias), [cell[0], 0]) : null;
  return { terms, numbers: {}, bias: added, result: valueAt(result, cell), resultCell: cell };
}

/** The terms of a step: what is multiplied, and the products, in the order of the kernel. */
export function arithmeticOf(scene, act, index) {
  const { arithmetic } = act;
  const factors = arithmetic.factors.map((name) => ({
    panel: scene.byName.get(name),
    relation: act.relations.get(name),
  }));
  const still = act.terms.map(() => 0);
  const single = (name) => {
    const relation = act.relations.get(name);
    return relation ? valueAt(scene.byName.get(name), cellOf(relation, index, still)) : null;
  };
  const read = ({ panel, relation }, at) => {
    const cell = cellOf(relation, index, at);
    return { value: valueAt(panel, cell), cell, padded: !inside(panel, cell), panel };
  };
  const terms = [];
  // Addends are terms of their own; factors make one term together.
  if (arithmetic.addends) {
    for (const factor of factors) terms.push({ operands: [read(factor, still)], product: read(factor, still).value });
  } else {
    for (let i = 0; i < act.termCount && factors.length > 0; i += 1) {
      const operands = factors.map((factor) => read(factor, unravel(i, act.terms)));
      terms.push({ operands, product: operands.reduce((value, operand) => value * operand.value, 1) });
    }
  }
  const result = scene.byName.get(arithmetic.result);
  const resultCell = cellOf(act.relations.get(result.name), index, still);
  const numbers = { divisor: single(arithmetic.divisor), power: arithmetic.power };
  return { terms, numbers, bias: single(arithmetic.bias), result: valueAt(result, resultCell), resultCell };
}

/** Whether a term counts: the padding of a maximum is no candidate. */
export function counts(act, term) {
  return act.arithmetic.reduce !== "max" || !term.operands[0].padded;
}

/** The term that a maximum was found at, or null for every other kind of step. */
export function winnerOf(scene, act, index) {
  if (act.arithmetic.reduce !== "max") return null;
  const { terms } = arithmeticOf(scene, act, index);
  let winner = null;
  terms.forEach((term, at) => {
    if (!counts(act, term)) return;
    if (winner === null || larger(terms[winner].product, term.product) !== terms[winner].product) {
      if (winner === null || !Number.isNaN(terms[winner].product)) winner = at;
    }
  });
  return winner;
}
