// The arithmetic of the step in words and numbers: every product, the sum, the bias, the result.

import { inside, ravel, sourceOf, unravel, valueAt } from "./scene.js";
import { brief, exact, fill, raised, show } from "./numbers.js";
import { arithmeticOf, counts, gathered, reductionOf, termOf, thenOf } from "./arithmetic.js";
import { leads } from "./attention.js";
import { extent } from "./fields.js";
import { cutOff, isCutOff, scatters } from "./scatter.js";
import { copies } from "./copying.js";
import { textIn } from "./cells.js";

const MOST_TERMS = 36;

/** How many leading axes go without saying: those of size one, and the planes of a picture in colours. */
function leading(panel) {
  const drawn = panel.kind === "signal" ? 1 : 2;
  const isLeading = (size, axis) => axis < panel.shape.length - drawn && (size === 1 || panel.scale?.[0] === "rgb");
  return Math.max(0, panel.shape.findIndex((size, axis) => !isLeading(size, axis)));
}

/** `name 10×10`. */
export function sizeOf(panel) {
  return `${panel.title} ${panel.shape.slice(leading(panel)).join("×")}`;
}

/** `name[1, 2]`, without leading axes of size one; or the cell's place in the panel's own words. */
export function nameOf(panel, cell) {
  if (panel.place) {
    const at = cell.map((position, axis) => panel.labels[axis]?.[position] ?? String(position).replace("-", "−"));
    return fill(panel.place, Object.fromEntries(at.entries()));
  }
  const shown = cell.slice(panel.shape.length > 2 || panel.shape[0] === 1 ? leading(panel) : 0);
  return `${panel.title.replace(/^[×=]\s*/, "")}[${shown.join(", ").replaceAll("-", "−")}]`;
}

/** Fill a sentence that counts something; of a single one it may speak in another way. */
function counted(words, key, count, numbers) {
  return fill((count === 1 && words[`${key}_one`]) || words[key], numbers);
}

/** The sentence about what is lit. */
export function sentence(scene, painter, attention, words) {
  const { about, act } = attention;
  if (about.kind === "field") return fieldSentence(scene, painter, attention, words);
  if (about.kind === "value") return valuesOf(scene, painter, attention.lit);
  const result = scene.byName.get(act.arithmetic.result);
  if (about.kind === "cell") {
    const panel = scene.byName.get(about.panel);
    const value = textIn(panel, about.cell) ?? show(about.value, painter.decimals(panel));
    const name = nameOf(panel, about.cell);
    if (!inside(panel, about.cell) && panel === result) return counted(words, "player.cut_cell", about.pairs, { name, products: about.pairs });
    if (!inside(panel, about.cell)) return paddingSentence(panel, about.cell, painter, words);
    const outputs = (attention.lit.get(result.name) ?? []).filter((each) => inside(result, each)).length;
    const own = (about.pairs === 0 && act.pointed?.[`${about.panel}_none`]) || act.pointed?.[about.panel];
    if (own) return fill(own, { name, value, products: about.pairs, outputs });
    const one = act.arithmetic.factors.length === 1;
    if (copies(act)) return copySentence(scene, painter, attention, words, panel, value);
    if (attention.gather && one) return counted(words, "player.gathered_copies", about.pairs, { name, value, copies: about.pairs });
    if (attention.gather) return fill(words["player.gathered"], { name, value, products: about.pairs });
    const { factors } = act.arithmetic;
    // Cell by cell, so what belongs together are the lit cells themselves.
    if (act.terms.length === 0 && about.pairs === 1) return valuesOf(scene, painter, attention.lit);
    if (factors.length === 0 && about.pairs === 1) return valuesOf(scene, painter, new Map([[about.panel, [about.cell]], ...attention.lit]));
    if (!factors.includes(about.panel)) return valuesOf(scene, painter, new Map([[about.panel, [about.cell]]]));
    const read = factors.length === 1 ? "player.read" : "player.input";
    // Of two factors the weights are the one with that role, in whichever place; else the second.
    const weights = scene.byName.get(factors[0]).role === "kernel" ? factors[0] : factors[1];
    const key = weights === about.panel ? "player.weight" : read;
    return counted(words, key, factors.length === 1 ? outputs : about.pairs, { name, value, products: about.pairs, outputs });
  }
  if (act.told) return toldOf(scene, painter, attention, words);
  const relation = attention.lit.get(result.name)[0];
  const first = act.arithmetic.factors[0];
  if (!first) return valuesOf(scene, painter, attention.lit);
  if (act.terms.length === 0) {
    const cells = valuesOf(scene, painter, attention.lit);
    return fill(words["player.cells"], { step: attention.step + 1, steps: scene.steps, cells });
  }
  const reads = attention.lit.get(first);
  const panel = scene.byName.get(first);
  if (scatters(act)) {
    const cut = cutOff(scene, act, attention.index).filter(Boolean).length;
    const products = act.termCount - cut;
    const told = counted(words, "player.scatter", products, {
      step: attention.step + 1,
      steps: scene.steps,
      name: nameOf(panel, reads[0]),
      weights: scene.byName.get(act.arithmetic.factors[1]).title.replace(/^[×=]\s*/, ""),
      products,
    });
    if (cut === 0) return told;
    return fill(words["player.join"], { one: told, two: counted(words, "player.cut", cut, { count: cut }) });
  }
  return fill(words["player.step"], {
    step: attention.step + 1,
    steps: scene.steps,
    name: nameOf(result, relation),
    start: nameOf(panel, reads[0]),
    end: nameOf(panel, reads[reads.length - 1]),
  });
}

/** A cell that is copied, by how often; or a copy, by what it is one of. */
function copySentence(scene, painter, { about, lit, act }, words, panel, value) {
  const name = nameOf(panel, about.cell);
  const [from] = act.arithmetic.factors;
  if (panel.name === act.arithmetic.result) {
    const origin = scene.byName.get(from);
    const [cell] = lit.get(from);
    const own = sourceOf(origin, cell);
    const key = own === null ? "copy_of_padding" : "copy_of";
    return fill(words[`player.${key}`], { name, value, source: nameOf(origin, own ?? cell) });
  }
  if (panel.name !== from) return valuesOf(scene, painter, new Map([[about.panel, [about.cell]]]));
  return counted(words, about.pairs === 0 ? "player.copied_none" : "player.copied", about.pairs, { name, value, copies: about.pairs });
}

/** The sentence that an act brings along, with the names and places of what is lit in it. */
function toldOf(scene, painter, { act, index, step, lit }, words) {
  const numbers = { step: step - act.first + 1, steps: act.steps };
  for (const [name, cells] of lit) {
    const panel = scene.byName.get(name);
    for (const [key, cell] of [[name, cells[0]], [`${name}_end`, cells.at(-1)]]) {
      if (!cell) continue;
      numbers[key] = nameOf(panel, cell);
      cell.forEach((position, axis) => {
        numbers[`${key}_${axis}`] = position;
      });
    }
    if (cells.length === 1 && inside(panel, cells[0]) && panel.values) numbers[`${name}_value`] = valueIn(panel, cells[0], painter);
  }
  const told = fill(act.told, numbers);
  const cut = cutOff(scene, act, index).filter(Boolean).length;
  if (cut === 0) return told;
  const key = act.arithmetic.factors.length === 1 ? "player.dropped" : "player.cut";
  return fill(words["player.join"], { one: told, two: counted(words, key, cut, { count: cut }) });
}

/** What stands in the cells that are lit alone, panel by panel. */
function valuesOf(scene, painter, lit) {
  const told = [];
  for (const [name, cells] of lit) {
    const panel = scene.byName.get(name);
    if (cells.length !== 1 || !inside(panel, cells[0])) continue;
    told.push(`${nameOf(panel, cells[0])} ${signOf(panel, cells[0])} ${valueIn(panel, cells[0], painter)}`);
  }
  return told.join(", ");
}

/** How sure a value is: one of 256 steps is about right, and may be cut off at either end. */
function signOf(panel, cell) {
  if (!panel.quantised) return "=";
  const step = panel.cut ? panel.values[ravel(sourceOf(panel, cell), panel.shape)] : null;
  return step === 0 ? "≤" : step === 255 ? "≥" : "≈";
}

/** A cell's value in digits; of a picture in colours its three. */
function valueIn(panel, cell, painter) {
  if (panel.scale?.[0] === "log") return brief(valueAt(panel, cell));
  const digits = (at) => show(valueAt(panel, at), painter.decimals(panel));
  if (panel.scale?.[0] !== "rgb") return digits(cell);
  return `(${[0, 1, 2].map((plane) => digits([plane, ...cell.slice(1)])).join(", ")})`;
}

/** One line about a cell of a stage on which nothing plays: its value, then those of the cells tied to it. */
export function readout(scene, painter, attention, { panel: name, cell }, words) {
  const panel = scene.byName.get(name);
  if (!inside(panel, cell)) return paddingSentence(panel, cell, painter, words);
  const others = [...attention.lit].filter(([other]) => other !== name);
  return valuesOf(scene, painter, new Map([[name, [cell]], ...others]));
}

/** What a cell of the padding holds, and where it has it from. */
function paddingSentence(panel, cell, painter, words) {
  const from = sourceOf(panel, cell);
  return fill(words[from ? "player.padding_copy" : "player.padding_fill"], {
    name: nameOf(panel, cell),
    value: show(valueAt(panel, cell), painter.decimals(panel)),
    source: from && nameOf(panel, from),
  });
}

/** What a cell sees, and how many cells of the last layer use it. */
function fieldSentence(scene, painter, attention, words) {
  const { users } = attention.about;
  const seen = seenSentence(scene, painter, attention, words);
  if (!users) return seen;
  const last = scene.byName.get(users.panel).title;
  const key = users.count === 0 ? "field_unused" : users.count === 1 ? "field_user" : "field_users";
  return fill(words["player.join"], { one: seen, two: fill(words[`player.${key}`], { count: users.count.toLocaleString("en"), last }) });
}

/** What a cell sees of the first panel that its links lead to, the padding left aside. */
function seenSentence(scene, painter, { about, fields }, words) {
  const panel = scene.byName.get(about.panel);
  if (!inside(panel, about.cell)) return paddingSentence(panel, about.cell, painter, words);
  const name = valuesOf(scene, painter, new Map([[about.panel, [about.cell]]]));
  if (!fields || fields.size < 2) return fill(words["player.field_start"], { name });
  const [seen] = [...fields.keys()].slice(-1);
  const input = scene.byName.get(seen);
  const own = input.shape.map((size, axis) => fields.get(seen)[axis].slice(input.margin[axis][0], input.margin[axis][0] + size));
  const paths = own.map((counts) => counts.reduce((sum, count) => sum + count, 0)).reduce((product, sum) => product * sum, 1);
  if (paths === 0) return fill(words["player.field_padding"], { name });
  const axes = input.shape.map((_, axis) => axis).filter((axis) => axis === input.view.rows || axis === input.view.cols);
  const reach = axes.map((axis) => extent(own[axis], 0));
  const sizes = reach.map(([first, last]) => last - first + 1);
  const read = axes.reduce((product, axis) => product * own[axis].filter((count) => count > 0).length, 1);
  const isFull = read === sizes.reduce((product, size) => product * size, 1);
  return counted(words, isFull ? "player.field" : "player.field_gaps", paths, {
    name,
    read: read.toLocaleString("en"),
    input: input.title,
    size: sizes.join(" × "),
    from: reach.map(([first]) => first).join(", "),
    to: reach.map(([, last]) => last).join(", "),
    paths: Number.isSafeInteger(paths) ? paths.toLocaleString("en") : `≈ ${paths.toPrecision(3).replace(/e\+?(\d+)/, (_, power) => ` × 10${raised(power)}`)}`,
  });
}

/** The printed sum as parts, and whether the printed terms really add up to the printed result. */
export function printed(scene, painter, attention, allDigits) {
  const { act, index } = attention;
  const { gather, listed } = attention;
  const sums = listed ? { terms: listed.pairs.map((pair) => termOf(scene, act, pair)), numbers: {}, bias: null, result: 0 }
    : gather ? gathered(scene, act, gather.pairs, gather.cell) : arithmeticOf(scene, act, index);
  const result = scene.byName.get(act.arithmetic.result);
  const text = (value, panel) => (allDigits ? exact(value) : show(value, painter.decimals(panel)));
  const read = (written) => Number(written.replaceAll("−", "-"));
  const reduction = reductionOf(act);
  const signed = reduction.joins === " + " && !reduction.term;
  const { divisor } = act.arithmetic;
  // As it is written, so that the sign in front tells whether the written numbers give the result.
  if (divisor) sums.numbers.divisor = read(text(sums.numbers.divisor, scene.byName.get(divisor)));
  const written = [];
  const cut = listed ? listed.pairs.map((pair) => isCutOff(result, act, pair)) : gather ? [] : cutOff(scene, act, index);
  const isList = isListOf(attention);
  const terms = sums.terms.map((term, at) => {
    const parts = term.operands.map((operand) => text(operand.value, operand.panel));
    if (counts(act, term)) written.push(parts.reduce((value, part) => value * read(part), 1));
    // A mean that is taken off is written so; elsewhere what is negative stands in brackets, behind a sign.
    const minus = Boolean(act.arithmetic.addends && divisor) && at > 0 && parts[0].startsWith("−");
    const shown = minus
      ? [parts[0].slice(1)]
      : parts.map((part, i) => (signed && (isList ? parts.length > 1 : i > 0 || at > 0) && part.startsWith("−") ? `(${part})` : part));
    return { at, minus, text: shown.join("·"), padded: term.operands[0]?.padded, cut: Boolean(cut[at]) };
  });
  let total = reduction.of(written, sums.numbers);
  let size = written.reduce((sum, value) => sum + Math.abs(value), 0);
  const bias = sums.bias === null ? null : text(sums.bias, scene.byName.get(act.arithmetic.bias));
  if (bias !== null) {
    total += read(bias);
    size += Math.abs(read(bias));
  }
  const then = thenOf(act);
  if (then) total = then.of(total);
  const value = text(sums.result, result);
  // What has no last digit is right when it rounds to what is written.
  if (then?.rounds) total = read(text(Math.fround(total), result));
  // Written decimals that are equal differ here by no more than the rounding of this very addition.
  const close = Math.abs(total - read(value)) <= (terms.length + 2) * Number.EPSILON * size;
  const equal = close || Object.is(total, read(value));
  return { terms, bias, value, equal, sums };
}

/** Whether the terms are a list: a step that scatters has no one sum, its products go to different cells. */
function isListOf({ act, gather }) {
  return (scatters(act) || copies(act)) && !gather;
}

/** Whether a term of the step carries anything to its result, where that is told apart. */
function carries(scene, { act, index }, at) {
  return leads(scene, act, { step: index, term: unravel(at, act.terms) });
}

/** Write the arithmetic into an element, each term a span that can be pointed at; returns what to say of a term. */
export function write(element, scene, painter, attention, options) {
  const { words, allDigits, digits } = options;
  const isList = isListOf(attention);
  element.classList.toggle("list", isList);
  if (attention.act.arithmetic.factors.length === 0) {
    element.textContent = "";
    digits.hidden = true;
    return "";
  }
  const sum = printed(scene, painter, attention, allDigits);
  if (sum.terms.length === 0) {
    element.textContent = ""; // nothing reached the cell, which the sentence says
    digits.hidden = true;
    return "";
  }
  const escape = (raw) => raw.replace(/[&<]/g, (sign) => (sign === "&" ? "&amp;" : "&lt;"));
  const reduction = reductionOf(attention.act);
  const { numbers } = sum.sums;
  const most = options.allTerms ? sum.terms.length : MOST_TERMS;
  const { listed } = attention;
  const inFocus = listed ? listed.here : attention.term;
  const told = sum.terms.filter(({ at }) => listed || attention.gather || inFocus === at || carries(scene, attention, at));
  const place = Math.max(0, told.findIndex(({ at }) => at === inFocus));
  const from = Math.floor(place / most) * most;
  const shown = told.slice(from, from + most);
  const spans = shown.map((term) => {
    const marks = { padded: term.padded, cut: term.cut, on: term.at === inFocus, winner: term.at === attention.winner };
    const kind = Object.keys(marks).filter((mark) => marks[mark]).join(" ");
    const inner = reduction.term ? reduction.term(escape(term.text), numbers) : escape(term.text);
    return `<span data-term="${term.at}"${kind ? ` class="${kind}"` : ""}>${inner}</span>`;
  });
  const left = told.length - shown.length;
  if (left > 0) spans.push(`<button type="button" class="more">${escape(counted(words, "player.more_terms", left, { count: left }))}</button>`);
  if (sum.bias !== null) spans.push(`<b class="bias" title="${escape(words["player.bias"])}">${escape(sum.bias)}</b>`);
  const sign = sum.equal ? "=" : "≈";
  // The result stands first, so that a long sum never pushes it out of sight.
  if (isList) {
    element.innerHTML = spans.join(" ");
    digits.hidden = true;
    return "";
  }
  const then = thenOf(attention.act);
  const between = (place) => (place === 0 ? "" : shown[place]?.minus ? " − " : reduction.joins);
  const joined = spans.map((span, place) => between(place) + span).join("");
  const { opens, closes } = (spans.length === 1 && reduction.alone) || reduction;
  const reduced = `${opens ?? ""}${joined}${closes?.(numbers) ?? ""}`;
  const right = then ? `${then.opens}${reduced}${then.closes ?? ")"}` : reduced;
  element.innerHTML = `<b class="result">${escape(sum.value)}</b> <b class="sign">${sign}</b> ${right}`;
  digits.hidden = sum.equal && !allDigits;
  return attention.term === null ? "" : noteOf(scene, painter, attention, sum.sums, words);
}

/** The term in focus: its product, and what the terms up to it make. */
function noteOf(scene, painter, { act, term }, { terms, numbers }, words) {
  const decimals = painter.decimals(scene.byName.get(act.arithmetic.result));
  const sofar = terms.slice(0, term + 1).filter((each) => counts(act, each));
  const running = reductionOf(act).of(sofar.map(({ product }) => product), numbers);
  return fill(words[act.arithmetic.factors.length === 1 ? "player.number" : "player.term"], {
    term: term + 1,
    terms: terms.length,
    product: show(terms[term].product, decimals),
    running: show(running, decimals),
  });
}

/** The terms' index of a pointed-at span, as a cell of the lens panels. */
export function termTarget(scene, act, span) {
  const lens = scene.panels.find((panel) => panel.factors);
  const term = Number(span.dataset.term);
  return lens ? { panel: lens.name, cell: unravel(term, act.terms) } : null;
}
