// Outlines: the window, the kernel, the output, and everything that a pointed-at cell is tied to.

import { cellOf, sourceOf, unravel } from "./scene.js";
import { casingOf, roleColour } from "./colour.js";
import { cellBox } from "./layout.js";
import { endsOf, termCells } from "./attention.js";
import { cellAt, within } from "./frame.js";
import { extent } from "./fields.js";
import { FULL_LINE, SMALLEST_NUMBER } from "./cells.js";
import { SEPARATE, isLog, NUMBERED } from "./curves.js";
import { scatters } from "./scatter.js";

const THIN_LINE = 1.5;
const DASHES = { gradient: [6, 4], copy: [2, 3] };

export const outlineMethods = {
  drawLit(context, frame, grid, view, focus) {
    const { panel } = grid;
    const { attention } = frame;
    // A layer is made by one act and read by the next.
    const isRead = this.scene.options.layers && panel.name !== attention.act.arithmetic.result;
    const role = isRead && panel.role === "output" ? "window" : panel.role;
    const colour = roleColour(role);
    const dash = DASHES[role] ?? [];
    if (panel.factors) {
      if (attention.winner !== null) {
        const at = unravel(attention.winner, attention.act.terms);
        this.outline(context, this.boxOf(grid, view, at), roleColour("output"), [], 2.5);
      }
      if (attention.term !== null) {
        const at = unravel(attention.term, attention.act.terms);
        this.outline(context, this.boxOf(grid, view, at), colour, dash, 2);
      }
      return;
    }
    if (panel.mark) this.drawMark(context, grid, view, panel.mark, focus);
    if (frame.still && !frame.target) return; // nothing plays here, so no step is under way
    const cells = attention.lit.get(panel.name) ?? [];
    if (attention.about.kind === "field") {
      if (attention.about.panel !== panel.name) this.users(context, grid, view, focus, cells);
      this.field(context, frame, grid, view, focus);
      return;
    }
    const spread = attention.about.kind === "cell";
    if (spread) {
      this.paused(context, frame, grid, view);
      this.spread(context, frame, grid, view, focus, cells, colour, dash);
      this.cutCells(context, frame, grid, view, cells);
      if (attention.about.panel === panel.name) {
        this.outline(context, this.boxOf(grid, view, attention.about.cell), colour, dash, 2.5);
        const source = attention.uses?.source;
        if (source) this.arrow(context, this.boxOf(grid, view, attention.about.cell), this.boxOf(grid, view, source));
      }
      if (attention.term !== null) this.term(context, frame, grid, view, colour);
      return;
    }
    this.around(context, frame, grid, view);
    const whole = panel.view && cells.length > 1 && panel.name === "kernel";
    const glide = frame.glide && !frame.target ? frame.glide : null;
    // A panel that this act has nothing to do with has no cells to move; what is routed does not glide, it jumps.
    const moved = glide && cells.length > 0 && !glide.act.arithmetic.routes ? termCells(glide.act, glide.act.relations.get(panel.name), glide.index) : null;
    const seen = new Map();
    cells.forEach((cell, at) => {
      const slice = panel.view.stack === undefined ? 0 : cell[panel.view.stack] + panel.margin[panel.view.stack][0];
      if (view.flat && !grid.strip && slice !== focus) return;
      const box = this.boxOf(grid, view, cell);
      if (moved) {
        const next = this.boxOf(grid, view, moved[at]);
        box.x += (next.x - box.x) * glide.share;
        box.y += (next.y - box.y) * glide.share;
      }
      if (!seen.has(slice)) seen.set(slice, []);
      seen.get(slice).push(box);
    });
    if (panel.kind === "signal" && cells.length === 1 && view.cell.width < (isLog(panel) ? NUMBERED : SEPARATE)) {
      this.drawPoint(context, frame, grid, view, cells[0], seen.get(0)[0], colour);
      return;
    }
    for (const [slice, boxes] of [...seen].reverse()) {
      const strong = grid.strip || grid.slices === 1 || slice === focus;
      context.globalAlpha = strong ? 1 : 0.55;
      this.group(context, boxes, colour, dash, whole ? 1.5 : 2.5, strong);
    }
    context.globalAlpha = 1;
    if (!moved) this.cutCells(context, frame, grid, view, cells);
    if (attention.winner !== null && panel.name === attention.act.arithmetic.factors[0]) {
      this.outline(context, this.boxOf(grid, view, cells[attention.winner]), roleColour("output"), [], 2);
    }
    if (attention.term !== null) this.term(context, frame, grid, view, colour);
  },

  /** What a pointed-at cell is tied to in a panel: each cell of it; where that is all there is to see, all as one. */
  spread(context, frame, grid, view, focus, cells, colour, dash) {
    const { panel } = grid;
    const drawn = [panel.view.rows, panel.view.cols, panel.view.stack];
    const seen = cellAt(frame, grid, focus, 0, 0);
    // Of axes that are not drawn only one position is in sight.
    const here = cells.filter((cell) => cell.every((position, axis) => drawn.includes(axis) || position === seen[axis]));
    if (here.length > 1 && grid.slices === 1 && here.length >= grid.rows * grid.cols) {
      this.group(context, here.map((cell) => this.boxOf(grid, view, cell)), colour, dash, 2.5, true);
      return;
    }
    this.tint(context, grid, view, focus, here, colour);
  },

  /** The cells of a later layer (in reading order) that use the one pointed at: each of them, and their extent. */
  users(context, grid, view, focus, cells) {
    if (cells.length === 0) return;
    this.tint(context, grid, view, focus, cells, roleColour("output"));
    const [corner, far] = [cells[0], cells.at(-1)].map((cell) => this.boxOf(grid, view, cell));
    const hull = { ...corner, width: far.x + far.width - corner.x, height: far.y + far.height - corner.y };
    this.outline(context, hull, roleColour("output"), [], 2);
  },

  /** A field: each cell as strong as its share of the paths, its extent outlined. */
  field(context, frame, grid, view, focus) {
    const { panel } = grid;
    const counts = frame.attention.fields?.get(panel.name);
    if (!counts) return;
    const { rows, cols, stack } = panel.view;
    if (stack !== undefined && counts[stack][focus] === 0) return;
    const [down, across] = [counts[rows], counts[cols]];
    const most = Math.max(...down) * Math.max(...across);
    if (most === 0) return;
    const own = frame.attention.about.panel === panel.name;
    const start = cellBox(grid, view, focus, 0, 0);
    context.imageSmoothingEnabled = false;
    // The cell itself is only outlined, so that its number can be read.
    if (!own) context.drawImage(shares(down, across, most), start.x, start.y, across.length * view.cell.width, down.length * view.cell.height);
    const [top, bottom] = extent(down, 0);
    const [left, right] = extent(across, 0);
    const corner = cellBox(grid, view, focus, top, left);
    const far = cellBox(grid, view, focus, bottom, right);
    const hull = { ...corner, width: far.x + far.width - corner.x, height: far.y + far.height - corner.y };
    this.outline(context, hull, roleColour(own ? panel.role : "window"), [], 2.5);
  },

  /** What is computed together with the step's cell: one dotted outline around all of it that the panel holds. */
  around(context, frame, grid, view) {
    const { panel } = grid;
    const { act, index } = frame.attention;
    const relation = act.frames.get(panel.name);
    if (!relation) return;
    const [first, last] = endsOf(relation, index);
    const far = last.map((position, axis) => Math.min(position, panel.shape[axis] + panel.margin[axis][1] - 1));
    const [corner, end] = [first, far].map((cell) => this.boxOf(grid, view, cell));
    const hull = { ...corner, width: end.x + end.width - corner.x, height: end.y + end.height - corner.y };
    this.outline(context, hull, roleColour("copy"), DASHES.copy, 2.5);
  },

  /** Cells of a result that steps add to, but which are cut off: they lie in its margin. */
  cutCells(context, frame, grid, view, cells) {
    const { act } = frame.attention;
    if (grid.panel.name !== act.arithmetic.result || !scatters(act)) return;
    const lost = cells.filter((cell) => sourceOf(grid.panel, cell) === null);
    this.crosses(context, lost.map((cell) => this.boxOf(grid, view, cell)), false);
  },

  /** The step that is paused, faintly, while something else is pointed at: the arithmetic below is still its own. */
  paused(context, frame, grid, view) {
    const { act, index } = frame.attention;
    const relation = act.relations.get(grid.panel.name);
    if (!relation || grid.strip || frame.still) return; // where nothing plays, nothing is paused
    const boxes = termCells(act, relation, index).map((cell) => this.boxOf(grid, view, cell));
    const [left, top] = [Math.min(...boxes.map((box) => box.x)), Math.min(...boxes.map((box) => box.y))];
    const right = Math.max(...boxes.map((box) => box.x + box.width));
    const bottom = Math.max(...boxes.map((box) => box.y + box.height));
    context.save();
    context.setLineDash([5, 4]);
    context.lineWidth = 1.5;
    context.strokeStyle = frame.theme.text;
    context.globalAlpha = 0.7;
    context.strokeRect(left, top, right - left, bottom - top);
    context.restore();
  },

  /** From a cell of the padding to the cell that it copies. */
  arrow(context, from, to) {
    this.outline(context, to, roleColour("padding"), [3, 2], 2.5);
    const middle = (box) => ({ x: box.x + box.width / 2, y: box.y + box.height / 2 });
    const [start, end] = [middle(from), middle(to)];
    const angle = Math.atan2(end.y - start.y, end.x - start.x);
    const length = Math.hypot(end.x - start.x, end.y - start.y);
    if (length < 8) return;
    const head = Math.min(9, length / 3);
    for (const [style, line] of [["#ffffff", 4.5], ["#0b0d10", 2]]) {
      context.strokeStyle = style;
      context.lineWidth = line;
      context.beginPath();
      context.moveTo(start.x, start.y);
      context.lineTo(end.x, end.y);
      for (const turn of [2.6, -2.6]) {
        context.moveTo(end.x, end.y);
        context.lineTo(end.x + head * Math.cos(angle + turn), end.y + head * Math.sin(angle + turn));
      }
      context.stroke();
    }
  },

  /** The cell of the term in focus. */
  term(context, frame, grid, view, colour) {
    const { act, index, term, lit } = frame.attention;
    const relation = act.relations.get(grid.panel.name);
    // What else goes on in the same steps is not lit with a cell of this act.
    if (!relation || !lit.has(grid.panel.name) || relation.over || grid.panel.name === act.arithmetic.result) return;
    const box = this.boxOf(grid, view, cellOf(relation, index, unravel(term, act.terms)));
    context.fillStyle = colour;
    context.globalAlpha = 0.3;
    context.fillRect(box.x, box.y, box.width, box.height);
    context.globalAlpha = 1;
    this.outline(context, box, colour, [], 2.5);
  },

  boxOf(grid, view, cell) {
    const { panel } = grid;
    const { rows, cols, stack } = panel.view;
    const slice = stack === undefined ? 0 : cell[stack] + panel.margin[stack][0];
    return cellBox(grid, view, slice, cell[rows] + panel.margin[rows][0], cell[cols] + panel.margin[cols][0]);
  },

  /** One outline around cells that fill a rectangle; cell by cell, in a faint frame, where they stand apart. */
  group(context, boxes, colour, dash, line, strong) {
    const left = Math.min(...boxes.map((box) => box.x));
    const top = Math.min(...boxes.map((box) => box.y));
    const right = Math.max(...boxes.map((box) => box.x + box.width));
    const bottom = Math.max(...boxes.map((box) => box.y + box.height));
    const hull = { x: left, y: top, width: right - left, height: bottom - top };
    const filled = boxes.reduce((sum, box) => sum + box.width * box.height, 0);
    if (filled > 0.99 * hull.width * hull.height) {
      this.outline(context, hull, colour, dash, line);
      return;
    }
    if (strong) {
      context.save();
      context.globalAlpha *= 0.7;
      context.setLineDash([4, 4]);
      context.lineWidth = 1;
      context.strokeStyle = colour;
      context.strokeRect(hull.x, hull.y, hull.width, hull.height);
      context.restore();
    }
    for (const box of boxes) this.outline(context, box, colour, dash, Math.min(line, Math.max(1, box.width / 4)));
  },

  outline(context, box, colour, dash, line) {
    const side = Math.min(box.width, box.height);
    if (side < FULL_LINE) line = Math.min(line, THIN_LINE);
    const inset = side > 12 ? line / 2 : -line / 2;
    const shape = [box.x + inset, box.y + inset, box.width - 2 * inset, box.height - 2 * inset];
    context.setLineDash([]);
    context.strokeStyle = casingOf(colour);
    context.lineWidth = line + 2;
    context.strokeRect(...shape);
    context.setLineDash(dash);
    context.strokeStyle = colour;
    context.lineWidth = line;
    context.strokeRect(...shape);
    context.setLineDash([]);
  },

  /** Light many cells at once. */
  tint(context, grid, view, focus, cells, colour) {
    const { stack } = grid.panel.view;
    context.fillStyle = colour;
    context.strokeStyle = colour;
    context.lineWidth = 1;
    const frames = view.cell.width > 7 && view.cell.height > 7;
    const numbered = grid.panel.stretch ? this.numbered(grid.panel, view) : view.cell.width >= SMALLEST_NUMBER;
    for (const cell of cells) {
      const slice = stack === undefined ? 0 : cell[stack] + grid.panel.margin[stack][0];
      if (!grid.strip && grid.slices > 1 && slice !== focus) {
        if (view.flat) continue;
      }
      const box = this.boxOf(grid, view, cell);
      // Where there are numbers the frame alone tells; the number stays what it is.
      context.globalAlpha = frames && numbered ? 0.1 : 0.34;
      context.fillRect(box.x, box.y, box.width, box.height);
      if (frames) {
        context.globalAlpha = 1;
        if (numbered) this.outline(context, box, colour, [], 1.5);
        else context.strokeRect(box.x + 1, box.y + 1, box.width - 2, box.height - 2);
      }
    }
    context.globalAlpha = 1;
  },

  /** A part of a panel, on the slice in focus; dashed where the part does not reach that slice. */
  drawMark(context, grid, view, mark, focus) {
    const [[top, height], [left, width]] = mark.slice(-2);
    const [first, slices] = mark.length > 2 ? mark[0] : [focus, 1];
    // Side by side all slices are in sight, and those that are meant are outlined; else the one in front.
    const shown = grid.strip ? Array.from({ length: slices }, (_, at) => first + at) : [focus];
    for (const slice of shown) {
      const box = cellBox(grid, view, slice, top, left);
      const shape = { x: box.x, y: box.y, width: width * view.cell.width, height: height * view.cell.height };
      this.outline(context, shape, roleColour("window"), within(slice - first, slices) ? [] : [3, 4], 2);
    }
  },
};

/** A picture of a field, one pixel a cell: drawn at once, as a deep layer sees tens of thousands of cells. */
function shares(down, across, most) {
  const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(roleColour("window").slice(at, at + 2), 16));
  const picture = new ImageData(across.length, down.length);
  let at = 0;
  for (const paths of down) {
    for (const others of across) {
      const share = (paths * others) / most;
      picture.data.set([red, green, blue, share > 0 ? Math.round(255 * (0.15 + 0.6 * share)) : 0], at);
      at += 4;
    }
  }
  const canvas = document.createElement("canvas");
  canvas.width = across.length;
  canvas.height = down.length;
  canvas.getContext("2d").putImageData(picture, 0, 0);
  return canvas;
}
