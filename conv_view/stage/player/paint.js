// Drawing: one frame is a pure function of the scene, the attention and the view.

import { cellOf, termsOf } from "./scene.js";
import { roleColour, table } from "./colour.js";
import { FOOTED, cellBox, leafRoom, lens } from "./layout.js";
import { aligned, brief, decimalsFor, decimalsOf } from "./numbers.js";
import { cellAt, focusSlice, within } from "./frame.js";
import { cellMethods } from "./cells.js";
import { curveMethods } from "./curves.js";
import { lensMethods } from "./lenses.js";
import { outlineMethods } from "./outlines.js";
import { flightMethods } from "./flight.js";

const MOST_SLICES = 14; // of a stack that are drawn; the edges of more would run into one another

const SCALED = 70; // a panel this wide has room for its scale between two numbers
const SMALLEST_LABEL = 24; // a column this wide has room for its name
const SHORT_LABEL = 15; // and this wide for one or two signs
const MOST_NAMED = 8; // columns of a matrix that are named together
const SMALLEST_ROW = 9.5; // a row this high

export class Painter {
  constructor(scene) {
    this.scene = scene;
    this.bitmaps = new Map();
    this.places = new Map();
    this.fits = new Map();
    this.orders = new Map();
    this.growing = new Map();
  }

  /** The number of decimals a panel's values are printed with. */
  decimals(panel) {
    if (!this.places.has(panel.name)) {
      const of = (each) => this.decimals(this.scene.byName.get(each));
      let digits = 0;
      if (panel.values) digits = panel.quantised ? roughly(panel.quantised) : decimalsFor(panel.values);
      else if (panel.factors.length === 1) digits = of(panel.factors[0]);
      else if (panel.factors.some((name) => of(name) > 0)) digits = Math.max(1, of(this.scene.acts[0].arithmetic.result));
      this.places.set(panel.name, digits);
    }
    return this.places.get(panel.name);
  }

  /** Forget what was prepared from a panel's values. */
  forget(name) {
    for (const key of [...this.bitmaps.keys()]) if (key.startsWith(`${name}|`)) this.bitmaps.delete(key);
    this.places.clear();
    this.orders.clear();
    this.growing.clear();
  }

  draw(context, frame) {
    const { width, height, theme } = frame;
    context.clearRect(0, 0, width, height);
    context.textBaseline = "middle";
    context.lineJoin = "miter";
    for (const heading of frame.grids.headings) this.drawHeading(context, frame, heading);
    for (const grid of frame.grids.values()) this.drawPanel(context, frame, grid);
    this.drawFlight(context, frame);
    context.globalAlpha = 1;
    context.fillStyle = theme.text;
  }

  /** The name of a part of the stage over a rule; below it a note, where there is nothing to show. */
  drawHeading(context, frame, { title, note, box }) {
    const { theme } = frame;
    context.fillStyle = theme.text;
    context.textAlign = "left";
    context.font = `600 15px ${theme.font}`;
    context.fillText(title, box.x, box.y + 9);
    context.fillStyle = theme.faint;
    context.fillRect(box.x, box.y + 19, box.width, 1);
    if (!note) return;
    this.crosses(context, [{ x: box.x, y: box.y + 34, width: 20, height: 20 }], false);
    context.fillStyle = theme.text;
    context.font = `400 14px ${theme.font}`;
    linesOf(context, note, box.width - 34).forEach((line, at) => context.fillText(line, box.x + 32, box.y + 45 + 21 * at));
  }

  drawPanel(context, frame, grid) {
    const { panel } = grid;
    const view = this.viewOf(frame, grid);
    const focus = focusSlice(frame, grid);
    this.drawTitle(context, frame, grid, focus);
    context.save();
    // A zoomed panel keeps to its place; outlines of cells that are cut off end a little beyond it.
    const room = view.flat ? 1 : 5;
    context.beginPath();
    context.rect(grid.area.x - room, grid.area.y - room, grid.area.width + 2 * room, grid.area.height + 2 * room);
    context.clip();
    if (panel.factors) this.drawLens(context, frame, grid, view);
    else {
      for (const slice of this.order(grid, view, focus)) this.drawSlice(context, frame, grid, view, slice, focus);
    }
    this.drawLit(context, frame, grid, view, focus);
    context.restore();
    this.drawLabels(context, frame, grid, view);
    this.drawFoot(context, frame, grid);
  }

  viewOf(frame, grid) {
    if (!this.zooms(grid.panel) || grid.strip || grid.cell.width >= 44) return lens(grid, 1);
    const centre = frame.centres.get(grid.panel.name) ?? this.centreOf(frame, grid);
    return lens(grid, frame.zoom, centre);
  }

  /** What is looked into is the large panels; a kernel and the lenses are read as a whole. */
  zooms(panel) {
    return !panel.factors && panel.view.arrange !== "strip" && panel.role !== "kernel";
  }

  /** The middle of what the step reads from a panel, in padded rows and columns. */
  centreOf(frame, grid) {
    const { panel } = grid;
    const relation = frame.attention.act.relations.get(panel.name);
    if (!relation) return null;
    const { act, index } = frame.followed ?? frame.attention;
    const first = cellOf(relation, index, act.terms.map(() => 0));
    const last = cellOf(relation, index, termsOf(act, relation).map((size) => size - 1));
    const middle = (axis) => (first[axis] + last[axis]) / 2 + panel.margin[axis][0];
    return { row: middle(panel.view.rows), col: middle(panel.view.cols) };
  }

  /** Back to front; the slice in focus comes last, those before it only as outlines; of very many only some. */
  order(grid, view, focus) {
    if (view.flat && !grid.strip) return [focus];
    const slices = Array.from({ length: grid.slices }, (_, at) => at);
    if (grid.strip) return slices;
    const apart = Math.ceil(grid.slices / MOST_SLICES);
    const drawn = slices.filter((slice) => slice === focus || slice === grid.slices - 1 || slice % apart === 0);
    const at = drawn.indexOf(focus);
    return [...drawn.slice(at).reverse(), ...drawn.slice(0, at).reverse()];
  }

  drawTitle(context, frame, grid, focus) {
    const { panel, box } = grid;
    const { theme } = frame;
    context.fillStyle = roleColour(panel.role);
    context.fillRect(box.x, box.y + 4, 4, 12);
    context.font = `600 13px ${theme.font}`;
    context.textAlign = "left";
    context.fillStyle = theme.text;
    context.fillText(panel.title, box.x + 9, box.y + 10);
    const after = box.x + 9 + context.measureText(panel.title).width + 7;
    context.font = `400 12px ${theme.font}`;
    context.fillStyle = theme.quiet;
    if (panel.factors) return;
    const axis = panel.view.stack;
    const drawn = panel.kind === "signal" ? 1 : 2;
    const from = panel.shape.findIndex((size, at) => size > 1 || at >= panel.shape.length - drawn);
    const notes = [panel.note ?? panel.shape.slice(from).join("×")];
    if (panel.edit === "paint" || panel.edit === "draw") notes.unshift(`${notes[0]} · ${frame.words[`player.${panel.edit}`]}`);
    let right = box.x + box.width;
    if (grid.slices > 1 && !grid.strip) {
      const slice = focus + 1 - panel.margin[axis][0];
      const padding = slice < 1 || slice > panel.shape[axis];
      const place = `${padding ? "–" : slice}/${panel.shape[axis]}`;
      notes.unshift(`${notes[0]} · ${place}`, place);
      if (panel.shape[axis] > 1) right -= leafRoom(box) + 4;
    }
    const note = notes.find((each) => after + context.measureText(each).width < right);
    if (note) context.fillText(note, after, box.y + 10);
  }

  /** The names of the rows of a matrix, in its margin. */
  drawRowLabels(context, frame, grid, view) {
    const { panel, area } = grid;
    const labels = panel.stretch && panel.labels[panel.view.rows];
    if (!labels || view.cell.height < SMALLEST_ROW) return;
    const isLit = new Set((frame.attention.lit.get(panel.name) ?? []).map((cell) => cell[panel.view.rows]));
    context.textAlign = "right";
    labels.forEach((label, row) => {
      const box = cellBox(grid, view, 0, row, 0);
      const middle = box.y + box.height / 2;
      if (middle < area.y || middle > area.y + area.height) return;
      const strong = isLit.has(row) && isLit.size < labels.length;
      context.font = `${strong ? 600 : 400} ${Math.min(12, Math.max(9, box.height * 0.66))}px ${frame.theme.font}`;
      context.fillStyle = strong ? frame.theme.text : frame.theme.quiet;
      context.fillText(label, Math.max(area.x, box.x) - 6, middle);
    });
  }

  /** The names of the columns; where these are too narrow for them, of the lit ones alone. */
  drawLabels(context, frame, grid, view) {
    const { panel, area } = grid;
    this.drawRowLabels(context, frame, grid, view);
    const labels = panel.labels[panel.view.cols];
    if (!labels) return;
    const [before] = panel.margin[panel.view.cols];
    const lit = (frame.attention.lit.get(panel.name) ?? []).map((cell) => cell[panel.view.cols]);
    const isLit = new Set(lit);
    const put = (text, x, width, strong) => {
      context.font = `${strong ? 600 : 400} ${Math.min(13, Math.max(9, width * 0.32))}px ${frame.theme.font}`;
      context.fillStyle = strong ? frame.theme.text : frame.theme.quiet;
      context.textAlign = "center";
      let shown = text;
      while (shown.length > 1 && context.measureText(shown).width > width - 5) shown = `${shown.replace("…", "").slice(0, -1)}…`;
      const reach = context.measureText(shown).width / 2;
      context.fillText(shown, Math.max(area.x + reach, Math.min(area.x + area.width - reach, x)), area.y - 10);
    };
    const room = labels.every((label) => label.length < 3) ? SHORT_LABEL : SMALLEST_LABEL;
    if (view.cell.width < room) {
      const named = [...isLit].filter((col) => labels[col] !== undefined).sort((one, other) => one - other);
      if (named.length === 0 || (panel.stretch && named.length > MOST_NAMED)) return;
      const [first, last] = [named[0], named.at(-1)].map((col) => cellBox(grid, view, 0, 0, col + before));
      put(named.map((col) => labels[col]).join(" "), (first.x + last.x + last.width) / 2, area.width, true);
      return;
    }
    labels.forEach((label, col) => {
      const box = cellBox(grid, view, 0, 0, col + before);
      if (box.x < area.x - 2 || box.x + box.width > area.x + area.width + 2) return;
      put(label, box.x + box.width / 2, box.width, isLit.has(col));
    });
  }

  /** Below a panel: the range of its scale; below the products: their sum and the result. */
  drawFoot(context, frame, grid) {
    const { panel, box } = grid;
    if (panel.factors || box.height < FOOTED || box.width < SCALED || !panel.scale || panel.scale[0] === "rgb") return;
    const { theme } = frame;
    const [kind] = panel.scale;
    const [low, high] = panel.kind === "signal" ? this.range(panel) : panel.scale.slice(1);
    const places = this.decimals(panel);
    // A scale may end before the values do, where one of them would leave all others alike.
    const cut = panel.quantised || panel.kind === "signal" ? { low, high } : this.extremes(panel);
    const lines = grid.perLine ? Math.ceil(grid.slices / grid.perLine) * (grid.rows + grid.stripGap) - grid.stripGap : grid.rows;
    const lowest = box.y + box.height - 8;
    const y = this.viewOf(frame, grid).flat ? lowest : Math.min(lowest, grid.origin.y + lines * grid.cell.height + 14);
    const width = Math.min(84, box.width * 0.35);
    const text = (value) => (kind === "log" ? brief(value) : aligned(value, places));
    const lowText = `${panel.cut || Math.fround(cut.low) < Math.fround(low) ? "≤ " : ""}${text(low)}`;
    const highText = `${panel.cut || Math.fround(cut.high) > Math.fround(high) ? "≥ " : ""}${text(high)}`;
    context.font = `400 11px ${theme.font}`;
    const start = box.x + (box.width - width) / 2;
    if (panel.kind !== "signal") {
      const colours = table(kind, theme.dark, 0);
      for (let i = 0; i < width; i += 1) {
        const entry = Math.round((255 * i) / width);
        const shade = kind === "channels" ? [entry, entry, entry] : colours.slice(entry * 3, entry * 3 + 3);
        context.fillStyle = `rgb(${[...shade]})`;
        context.fillRect(start + i, y - 4, 1.5, 8);
      }
      context.strokeStyle = theme.faint;
      context.lineWidth = 1;
      context.strokeRect(start - 0.5, y - 4.5, width + 1, 9);
    }
    context.fillStyle = theme.quiet;
    context.textAlign = "right";
    context.fillText(lowText, start - 6, y);
    context.textAlign = "left";
    context.fillText(panel.kind === "signal" ? `… ${highText}` : highText, panel.kind === "signal" ? start : start + width + 6, y);
  }

  /** The cell under a point of the canvas, nearest slice first; null beside the panels. */
  hit(frame, x, y) {
    for (const grid of frame.grids.values()) {
      const { area, panel } = grid;
      const view = this.viewOf(frame, grid);
      if (view.flat && !within(x - area.x, area.width)) continue;
      if (view.flat && !within(y - area.y, area.height)) continue;
      const focus = focusSlice(frame, grid);
      const slices = this.order(grid, view, focus).reverse();
      const facing = grid.strip || view.flat ? slices : [focus, ...slices.filter((slice) => slice > focus).sort((a, b) => a - b), ...slices.filter((slice) => slice < focus)];
      for (const slice of facing) {
        const corner = cellBox(grid, view, slice, 0, 0);
        const col = Math.floor((x - corner.x) / view.cell.width);
        const row = Math.floor((y - corner.y) / view.cell.height);
        if (within(row, grid.rows) && within(col, grid.cols)) {
          return { panel: panel.name, slice, focus, cell: cellAt(frame, grid, slice, row, col), grid, view };
        }
      }
    }
    return null;
  }
}

Object.assign(Painter.prototype, cellMethods, curveMethods, flightMethods, lensMethods, outlineMethods);

/** A text in lines of at most this width; what is written without spaces breaks anywhere. */
function linesOf(context, text, width) {
  const lines = [""];
  for (const word of text.match(/[ -~\u00a0-\u02ff\u2200-\u22ff]+? +|[ -~\u00a0-\u02ff\u2200-\u22ff]+|./gu) ?? []) {
    const longer = lines.at(-1) + word;
    if (lines.at(-1) && context.measureText(longer.trimEnd()).width > width) lines.push(word.trimStart());
    else lines[lines.length - 1] = longer;
  }
  return lines;
}

/** Decimals for values that are known in 256 steps only. */
function roughly(range) {
  const largest = Math.max(...range.map(Math.abs));
  return largest >= 100 ? 0 : decimalsOf(largest);
}
