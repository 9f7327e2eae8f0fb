// Drawing: one frame is a pure function of the scene, the attention and the view.

import { cellOf, inside, sourceOf, unravel, valueAt } from "./scene.js";
import { casingOf, colourOf, entryOf, inkOn, roleColour, table } from "./colour.js";
import { FOOTED, cellBox, gridOf, layoutFor, lens, place } from "./layout.js";
import { decimalsFor, decimalsOf, show } from "./numbers.js";
import { arithmeticOf, termCells } from "./attention.js";

const SMALLEST_NUMBER = 20; // a cell this wide has room for a number
const GHOST = 0.24; // how strongly results that are still to come are drawn
const DASHES = { gradient: [6, 4], copy: [2, 3] };

/** Boxes and grids for a canvas of this size. */
export function arrange(scene, width, height) {
  const layout = layoutFor(scene, width);
  const narrow = layout === scene.layout.narrow;
  const boxes = place(scene, layout, { x: 1, y: 0, width: width - 2, height }, narrow);
  const grids = new Map();
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
  const middle = act.terms.map((size) => Math.floor(size / 2));
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

export class Painter {
  constructor(scene) {
    this.scene = scene;
    this.bitmaps = new Map();
    this.places = new Map();
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
  }

  draw(context, frame) {
    const { width, height, theme } = frame;
    context.clearRect(0, 0, width, height);
    context.textBaseline = "middle";
    context.lineJoin = "miter";
    for (const grid of frame.grids.values()) this.drawPanel(context, frame, grid);
    context.globalAlpha = 1;
    context.fillStyle = theme.text;
  }

  drawPanel(context, frame, grid) {
    const { panel } = grid;
    const view = this.viewOf(frame, grid);
    const focus = focusSlice(frame, grid);
    this.drawTitle(context, frame, grid, focus);
    context.save();
    if (view.flat) {
      context.beginPath();
      context.rect(grid.area.x - 1, grid.area.y - 1, grid.area.width + 2, grid.area.height + 2);
      context.clip();
    }
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
    if (grid.panel.factors || grid.cell.width >= 44) return lens(grid, 1);
    const centre = frame.centres.get(grid.panel.name) ?? this.centreOf(frame, grid);
    return lens(grid, frame.zoom, centre);
  }

  /** The middle of what the step reads from a panel, in padded rows and columns. */
  centreOf(frame, grid) {
    const { panel } = grid;
    const relation = frame.attention.act.relations.get(panel.name);
    if (!relation) return null;
    const { act, index } = frame.followed ?? frame.attention;
    const first = cellOf(relation, index, act.terms.map(() => 0));
    const last = cellOf(relation, index, act.terms.map((size) => size - 1));
    const middle = (axis) => (first[axis] + last[axis]) / 2 + panel.margin[axis][0];
    return { row: middle(panel.view.rows), col: middle(panel.view.cols) };
  }

  /** Back to front; the slice in focus comes last, those before it only as outlines. */
  order(grid, view, focus) {
    if (view.flat && !grid.strip) return [focus];
    const slices = Array.from({ length: grid.slices }, (_, at) => at);
    return grid.strip ? slices : [...slices.slice(focus).reverse(), ...slices.slice(0, focus).reverse()];
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
    const from = panel.shape.findIndex((size, at) => size > 1 || at >= panel.shape.length - 2);
    let note = panel.shape.slice(from).join("×");
    if (grid.slices > 1 && !grid.strip) note += ` · ${focus + 1 - panel.margin[axis][0]}/${panel.shape[axis]}`;
    if (after + context.measureText(note).width < box.x + box.width) context.fillText(note, after, box.y + 10);
  }

  drawSlice(context, frame, grid, view, slice, focus) {
    const { panel } = grid;
    const corner = cellBox(grid, view, slice, 0, 0);
    const width = view.cell.width * grid.cols;
    const height = view.cell.height * grid.rows;
    const inFront = !grid.strip && !view.flat && slice < focus;
    const behind = !grid.strip && !view.flat && slice > focus;
    context.globalAlpha = 1;
    if (!inFront) {
      if (behind || grid.slices > 1) {
        context.fillStyle = frame.theme.background;
        context.fillRect(corner.x, corner.y, width, height);
      }
      context.globalAlpha = behind ? 0.72 : 1;
      if (panel.kind === "signal") this.drawCurves(context, frame, grid, view);
      else this.drawBitmap(context, frame, grid, view, slice);
    }
    context.globalAlpha = inFront ? 0.35 : 1;
    context.strokeStyle = frame.theme.quiet;
    context.lineWidth = inFront ? 0.75 : 1;
    if (panel.kind !== "signal") context.strokeRect(corner.x - 0.5, corner.y - 0.5, width + 1, height + 1);
    context.globalAlpha = 1;
    if (!inFront && !behind && panel.kind !== "signal") this.drawNumbers(context, frame, grid, view, slice);
  }

  drawBitmap(context, frame, grid, view, slice) {
    const { panel } = grid;
    const bitmap = this.bitmap(frame, grid, slice);
    const corner = cellBox(grid, view, slice, 0, 0);
    const width = view.cell.width * grid.cols;
    const height = view.cell.height * grid.rows;
    context.imageSmoothingEnabled = view.cell.width * frame.ratio < 1;
    const strong = context.globalAlpha;
    const done = this.doneIn(frame, grid, slice);
    if (done) {
      context.globalAlpha = strong * GHOST;
      context.drawImage(bitmap, corner.x, corner.y, width, height);
      context.globalAlpha = strong;
      const part = (row, col, rows, cols) => {
        if (rows < 1 || cols < 1) return;
        const at = cellBox(grid, view, slice, row, col);
        context.drawImage(bitmap, col, row, cols, rows, at.x, at.y, cols * view.cell.width, rows * view.cell.height);
      };
      part(0, 0, done.row, grid.cols);
      part(done.row, 0, 1, done.col);
    } else context.drawImage(bitmap, corner.x, corner.y, width, height);
    context.globalAlpha = strong;
    if (panel.margin.some(([before, after]) => before || after)) this.drawMargin(context, frame, grid, view, slice);
  }

  /** How far a result slice is computed: the full rows, and the cells of the row at hand. Null: all of it. */
  doneIn(frame, grid, slice) {
    const { panel } = grid;
    const at = frame.current;
    const relation = at.act.relations.get(panel.name);
    if (panel.name !== at.act.arithmetic.result || !relation || frame.still) return null;
    const here = cellOf(relation, at.index, at.act.terms.map(() => 0));
    const stack = panel.view.stack;
    const drawn = stack === undefined ? 0 : slice;
    const now = stack === undefined ? 0 : here[stack];
    if (drawn < now) return null;
    if (drawn > now) return { row: 0, col: 0 };
    return { row: here[panel.view.rows], col: here[panel.view.cols] + 1 };
  }

  bitmap(frame, grid, slice) {
    const { panel } = grid;
    const fixed = cellAt(frame, grid, slice, 0, 0).filter(
      (_, axis) => axis !== panel.view.rows && axis !== panel.view.cols,
    );
    const key = `${panel.name}|${fixed.join()}|${frame.theme.dark}`;
    if (!this.bitmaps.has(key)) this.bitmaps.set(key, this.makeBitmap(frame, grid, slice));
    return this.bitmaps.get(key);
  }

  makeBitmap(frame, grid, slice) {
    const { panel, rows, cols } = grid;
    const canvas = document.createElement("canvas");
    canvas.width = cols;
    canvas.height = rows;
    const context = canvas.getContext("2d");
    const image = context.createImageData(cols, rows);
    const channel = Math.max(0, slice - (panel.margin[panel.view.stack]?.[0] ?? 0));
    const colours = table(panel.scale[0], frame.theme.dark, channel);
    if (panel.scale[0] === "rgb") {
      paintColours(panel, image);
      context.putImageData(image, 0, 0);
      return canvas;
    }
    const [top] = panel.margin[panel.view.rows];
    const [left] = panel.margin[panel.view.cols];
    const first = cellAt(frame, grid, slice, 0, 0);
    const height = panel.shape[panel.view.rows];
    const width = panel.shape[panel.view.cols];
    const whole = first.every(
      (position, axis) =>
        axis === panel.view.rows || axis === panel.view.cols || (position >= 0 && position < panel.shape[axis]),
    );
    const put = (row, col, value) => {
      const entry = entryOf(value, panel.scale);
      const at = (row * cols + col) * 4;
      if (entry < 0) image.data.set([213, 94, 0, 255], at);
      else {
        image.data[at] = colours[entry * 3];
        image.data[at + 1] = colours[entry * 3 + 1];
        image.data[at + 2] = colours[entry * 3 + 2];
        image.data[at + 3] = 255;
      }
    };
    const cell = [...first];
    for (let row = 0; row < rows; row += 1) {
      for (let col = 0; col < cols; col += 1) {
        const own = whole && row >= top && row < top + height && col >= left && col < left + width;
        if (!own && !panel.sources) continue;
        cell[panel.view.rows] = row - top;
        cell[panel.view.cols] = col - left;
        if (own || sourceOf(panel, cell) !== null) put(row, col, valueAt(panel, cell));
      }
    }
    context.putImageData(image, 0, 0);
    return canvas;
  }

  /** Padding is hatched: over nothing where it is filled, over the copied value where it is a copy. */
  drawMargin(context, frame, grid, view, slice) {
    const { panel } = grid;
    const corner = cellBox(grid, view, slice, 0, 0);
    const [top, bottom] = panel.margin[panel.view.rows];
    const [left, right] = panel.margin[panel.view.cols];
    const { width, height } = view.cell;
    const all = [corner.x, corner.y, grid.cols * width, grid.rows * height];
    const stack = panel.view.stack;
    const outside = stack !== undefined && !within(slice - panel.margin[stack][0], panel.shape[stack]);
    context.save();
    context.beginPath();
    context.rect(...all);
    if (!outside) {
      context.rect(
        corner.x + left * width,
        corner.y + top * height,
        (grid.cols - left - right) * width,
        (grid.rows - top - bottom) * height,
      );
    }
    context.clip("evenodd");
    context.fillStyle = this.hatch(context, frame);
    context.fillRect(...all);
    context.restore();
  }

  hatch(context, frame) {
    const key = `hatch|${frame.theme.dark}`;
    if (!this.bitmaps.has(key)) {
      const tile = document.createElement("canvas");
      tile.width = 8;
      tile.height = 8;
      const pen = tile.getContext("2d");
      pen.fillStyle = frame.theme.dark ? "rgba(70,74,82,0.55)" : "rgba(214,214,208,0.55)";
      pen.fillRect(0, 0, 8, 8);
      pen.strokeStyle = frame.theme.dark ? "rgba(190,190,190,0.5)" : "rgba(110,110,110,0.55)";
      pen.lineWidth = 1;
      pen.beginPath();
      for (const shift of [-8, 0, 8]) {
        pen.moveTo(shift - 1, 9);
        pen.lineTo(shift + 9, -1);
      }
      pen.stroke();
      this.bitmaps.set(key, context.createPattern(tile, "repeat"));
    }
    return this.bitmaps.get(key);
  }

  drawNumbers(context, frame, grid, view, slice) {
    const { panel } = grid;
    if (Math.min(view.cell.width, view.cell.height) < SMALLEST_NUMBER || panel.quantised) return;
    const seen = visible(grid, view, slice);
    const done = this.doneIn(frame, grid, slice);
    for (let row = seen.top; row < seen.bottom; row += 1) {
      for (let col = seen.left; col < seen.right; col += 1) {
        const cell = cellAt(frame, grid, slice, row, col);
        const own = sourceOf(panel, cell);
        const value = own ? valueAt(panel, cell) : panel.fill;
        const box = cellBox(grid, view, slice, row, col);
        const later = done && (row > done.row || (row === done.row && col >= done.col));
        const channel = Math.max(0, cell[panel.view.stack] ?? 0);
        let ink = frame.theme.quiet;
        if (own && inside(panel, cell) && !later) ink = inkOn(colourOf(value, panel.scale, frame.theme.dark, channel));
        context.globalAlpha = later ? 0.45 : 1;
        this.number(context, frame, box, show(value, this.decimals(panel)), ink);
      }
    }
    context.globalAlpha = 1;
  }

  number(context, frame, box, text, ink, weight = 400) {
    let size = Math.min(15, box.height * 0.42);
    const widest = box.width * 0.92;
    context.font = `${weight} ${size}px ${frame.theme.font}`;
    const width = context.measureText(text).width;
    if (width > widest) size *= widest / width;
    if (size < 7.5) return;
    context.font = `${weight} ${size}px ${frame.theme.font}`;
    context.textAlign = "center";
    context.fillStyle = ink;
    context.fillText(text, box.x + box.width / 2, box.y + box.height / 2 + 0.5);
  }

  /** A lens: what the step reads, or the products, cell by cell in the shape of the terms. */
  drawLens(context, frame, grid, view) {
    const { panel } = grid;
    const { act, index } = frame.attention;
    const factors = panel.factors.map((name) => this.scene.byName.get(name));
    const relations = panel.factors.map((name) => act.relations.get(name));
    const reach = factors.reduce((most, factor) => most * Math.max(Math.abs(factor.scale[1]), Math.abs(factor.scale[2])), 1);
    const scale = factors.length === 1 ? factors[0].scale : ["diverging", -reach, reach];
    for (let slice = 0; slice < grid.slices; slice += 1) {
      for (let row = 0; row < grid.rows; row += 1) {
        for (let col = 0; col < grid.cols; col += 1) {
          const term = cellAt(frame, grid, slice, row, col);
          let value = 1;
          let padded = false;
          relations.forEach((relation, at) => {
            const cell = cellOf(relation, index, term);
            value *= valueAt(factors[at], cell);
            padded ||= !inside(factors[at], cell);
          });
          const box = cellBox(grid, view, slice, row, col);
          const channel = factors[0].scale[0] === "channels" ? cellOf(relations[0], index, term)[factors[0].view.stack] : 0;
          const rgb = colourOf(value, scale, frame.theme.dark, channel);
          context.fillStyle = `rgb(${rgb})`;
          context.fillRect(box.x, box.y, box.width, box.height);
          if (padded && factors.length === 1) {
            context.fillStyle = this.hatch(context, frame);
            context.fillRect(box.x, box.y, box.width, box.height);
          }
          context.strokeStyle = frame.theme.faint;
          context.lineWidth = 1;
          context.strokeRect(box.x + 0.5, box.y + 0.5, box.width - 1, box.height - 1);
          if (box.width >= SMALLEST_NUMBER) {
            this.number(context, frame, box, show(value, this.decimals(panel)), padded && factors.length === 1 ? frame.theme.text : inkOn(rgb));
          }
        }
      }
    }
  }

  /** A signal's rows as curves; values that are still to come are drawn faintly. */
  drawCurves(context, frame, grid, view) {
    const { panel } = grid;
    const low = Math.min(panel.scale[1], 0);
    const high = panel.scale[2];
    const done = this.doneIn(frame, grid, 0);
    for (let row = 0; row < grid.rows; row += 1) {
      const level = (value) => {
        const box = cellBox(grid, view, 0, row, 0);
        return box.y + box.height * (0.94 - (0.88 * (value - low)) / (high - low || 1));
      };
      const centre = (col) => cellBox(grid, view, 0, row, col + 0.5).x;
      context.strokeStyle = frame.theme.faint;
      context.lineWidth = 1;
      context.beginPath();
      context.moveTo(centre(-0.5), level(0));
      context.lineTo(centre(grid.cols - 0.5), level(0));
      context.stroke();
      const left = panel.margin[panel.view.cols][0];
      const width = panel.shape[panel.view.cols];
      if (panel.margin[panel.view.cols].some(Boolean)) this.drawMargin(context, frame, grid, view, 0);
      const trace = (from, to, alpha) => {
        context.globalAlpha = alpha;
        context.strokeStyle = frame.theme.text;
        context.lineWidth = 1.5;
        context.beginPath();
        for (let col = from; col < to; col += 1) {
          const value = valueAt(panel, cellAt(frame, grid, 0, row, col));
          if (col === from) context.moveTo(centre(col), level(value));
          else context.lineTo(centre(col), level(value));
        }
        context.stroke();
        if (view.cell.width >= 6) {
          context.fillStyle = frame.theme.text;
          for (let col = from; col < to; col += 1) {
            const value = valueAt(panel, cellAt(frame, grid, 0, row, col));
            context.beginPath();
            context.arc(centre(col), level(value), Math.min(3.5, view.cell.width * 0.2), 0, 2 * Math.PI);
            context.fill();
          }
        }
      };
      if (panel.sources && left) trace(0, left + 1, GHOST);
      if (panel.sources && grid.cols > left + width) trace(left + width - 1, grid.cols, GHOST);
      const reached = done === null || row < done.row ? width : row === done.row ? done.col : 0;
      if (reached < width) trace(left + Math.max(0, reached - 1), left + width, GHOST);
      trace(left, left + reached, 1);
      context.globalAlpha = 1;
      if (view.cell.width >= 26) {
        for (let col = 0; col < grid.cols; col += 1) {
          const value = valueAt(panel, cellAt(frame, grid, 0, row, col));
          const box = { ...cellBox(grid, view, 0, row, col), y: level(value) - (value < 0 ? -2 : 20), height: 18 };
          this.number(context, frame, box, show(value, this.decimals(panel)), frame.theme.quiet);
        }
      }
    }
    context.strokeStyle = frame.theme.faint;
    context.strokeRect(grid.area.x + 0.5, grid.area.y + 0.5, grid.area.width - 1, grid.area.height - 1);
  }

  drawLit(context, frame, grid, view, focus) {
    const { panel } = grid;
    const { attention } = frame;
    const colour = roleColour(panel.role);
    const dash = DASHES[panel.role] ?? [];
    if (panel.factors) {
      if (attention.term !== null) {
        const at = unravel(attention.term, attention.act.terms);
        this.outline(context, this.boxOf(grid, view, at), colour, dash, 2);
      }
      return;
    }
    if (panel.mark) this.drawMark(context, grid, view, panel.mark, focus);
    if (frame.still && !frame.target) return; // nothing plays here, so no step is under way
    const cells = attention.lit.get(panel.name) ?? [];
    const spread = attention.about.kind === "cell";
    if (spread) {
      this.tint(context, grid, view, focus, cells, colour);
      if (attention.about.panel === panel.name) {
        this.outline(context, this.boxOf(grid, view, attention.about.cell), colour, dash, 2.5);
        const source = attention.uses?.source;
        if (source) this.outline(context, this.boxOf(grid, view, source), roleColour("padding"), [3, 2], 2.5);
      }
      if (attention.term !== null) this.term(context, frame, grid, view, colour);
      return;
    }
    const whole = panel.view && cells.length > 1 && panel.name === "kernel";
    const glide = frame.glide && !frame.target ? frame.glide : null;
    const moved = glide ? termCells(glide.act, glide.act.relations.get(panel.name), glide.index) : null;
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
    for (const [slice, boxes] of [...seen].reverse()) {
      const strong = grid.strip || grid.slices === 1 || slice === focus;
      context.globalAlpha = strong ? 1 : 0.55;
      this.group(context, boxes, colour, dash, whole ? 1.5 : 2.5, strong);
    }
    context.globalAlpha = 1;
    if (attention.term !== null) this.term(context, frame, grid, view, colour);
  }

  /** The cell of the term in focus. */
  term(context, frame, grid, view, colour) {
    const { act, index, term } = frame.attention;
    const relation = act.relations.get(grid.panel.name);
    if (!relation || grid.panel.name === act.arithmetic.result) return;
    const box = this.boxOf(grid, view, cellOf(relation, index, unravel(term, act.terms)));
    context.fillStyle = colour;
    context.globalAlpha = 0.3;
    context.fillRect(box.x, box.y, box.width, box.height);
    context.globalAlpha = 1;
    this.outline(context, box, colour, [], 2.5);
  }

  boxOf(grid, view, cell) {
    const { panel } = grid;
    const { rows, cols, stack } = panel.view;
    const slice = stack === undefined ? 0 : cell[stack] + panel.margin[stack][0];
    return cellBox(grid, view, slice, cell[rows] + panel.margin[rows][0], cell[cols] + panel.margin[cols][0]);
  }

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
  }

  outline(context, box, colour, dash, line) {
    const inset = Math.min(box.width, box.height) > 12 ? line / 2 : -line / 2;
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
  }

  /** Light many cells at once. */
  tint(context, grid, view, focus, cells, colour) {
    const { stack } = grid.panel.view;
    context.fillStyle = colour;
    context.strokeStyle = colour;
    context.lineWidth = 1;
    const frames = view.cell.width > 7 && view.cell.height > 7;
    for (const cell of cells) {
      const slice = stack === undefined ? 0 : cell[stack] + grid.panel.margin[stack][0];
      if (!grid.strip && grid.slices > 1 && slice !== focus) {
        if (view.flat) continue;
      }
      const box = this.boxOf(grid, view, cell);
      context.globalAlpha = 0.34;
      context.fillRect(box.x, box.y, box.width, box.height);
      if (frames) {
        context.globalAlpha = 1;
        context.strokeRect(box.x + 1, box.y + 1, box.width - 2, box.height - 2);
      }
    }
    context.globalAlpha = 1;
  }

  /** A part of a panel, on the slice in focus; dashed where the part does not reach that slice. */
  drawMark(context, grid, view, mark, focus) {
    const [[top, height], [left, width]] = mark.slice(-2);
    const [first, slices] = mark.length > 2 ? mark[0] : [focus, 1];
    const box = cellBox(grid, view, focus, top, left);
    const shape = { x: box.x, y: box.y, width: width * view.cell.width, height: height * view.cell.height };
    this.outline(context, shape, roleColour("window"), within(focus - first, slices) ? [] : [3, 4], 2);
  }

  drawLabels(context, frame, grid, view) {
    const { panel } = grid;
    const labels = panel.labels[panel.view.cols];
    if (!labels) return;
    const [before] = panel.margin[panel.view.cols];
    const lit = new Set((frame.attention.lit.get(panel.name) ?? []).map((cell) => cell[panel.view.cols]));
    labels.forEach((label, col) => {
      const box = cellBox(grid, view, 0, 0, col + before);
      if (box.x < grid.area.x - 2 || box.x + box.width > grid.area.x + grid.area.width + 2) return;
      const strong = lit.has(col);
      context.font = `${strong ? 600 : 400} ${Math.min(13, Math.max(9, box.width * 0.32))}px ${frame.theme.font}`;
      context.fillStyle = strong ? frame.theme.text : frame.theme.quiet;
      context.textAlign = "center";
      let text = label;
      while (text.length > 1 && context.measureText(text).width > box.width * 1.02) text = `${text.replace("…", "").slice(0, -1)}…`;
      context.fillText(text, box.x + box.width / 2, grid.area.y - 10);
    });
  }

  /** Below a panel: the range of its scale; below the products: their sum and the result. */
  drawFoot(context, frame, grid) {
    const { panel, box } = grid;
    if (panel.factors || box.height < FOOTED || !panel.scale || panel.scale[0] === "rgb") return;
    const { theme } = frame;
    const [kind, low, high] = panel.scale;
    const places = this.decimals(panel);
    const lines = grid.perLine ? Math.ceil(grid.slices / grid.perLine) * (grid.rows + grid.stripGap) - grid.stripGap : grid.rows;
    const y = Math.min(box.y + box.height - 8, grid.origin.y + lines * grid.cell.height + 14);
    const width = Math.min(84, box.width * 0.35);
    const lowText = show(low, places);
    const highText = show(high, places);
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

/** Decimals for values that are known in 256 steps only. */
function roughly(range) {
  const largest = Math.max(...range.map(Math.abs));
  return largest >= 100 ? 0 : decimalsOf(largest);
}

function within(position, size) {
  return position >= 0 && position < size;
}

/** Three planes (3, H, W) of 0 to 255 as one picture in its own colours. */
function paintColours(panel, image) {
  const size = image.width * image.height;
  for (let i = 0; i < size; i += 1) {
    image.data.set([panel.values[i], panel.values[size + i], panel.values[2 * size + i], 255], i * 4);
  }
}

/** The rows and columns of a slice that are in sight. */
function visible(grid, view, slice) {
  const corner = cellBox(grid, view, slice, 0, 0);
  const { area } = grid;
  const clamp = (value, most) => Math.max(0, Math.min(most, value));
  if (!view.flat) return { top: 0, left: 0, bottom: grid.rows, right: grid.cols };
  return {
    top: clamp(Math.floor((area.y - corner.y) / view.cell.height), grid.rows),
    left: clamp(Math.floor((area.x - corner.x) / view.cell.width), grid.cols),
    bottom: clamp(Math.ceil((area.y + area.height - corner.y) / view.cell.height), grid.rows),
    right: clamp(Math.ceil((area.x + area.width - corner.x) / view.cell.width), grid.cols),
  };
}

export { arithmeticOf };
