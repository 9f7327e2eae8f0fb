// Cells as colours and numbers: bitmaps of slices, padding, and what is still to come.

import { cellOf, inside, ravel, sourceOf, valueAt } from "./scene.js";
import { actOf, cellOfSame, copies, isPending, orderOf, shows } from "./copying.js";
import { colourOf, entryOf, inkOn, roleColour, table } from "./colour.js";
import { cellBox } from "./layout.js";
import { aligned, pointed, widthOf } from "./numbers.js";
import { cellAt, within } from "./frame.js";
import { endsOf } from "./attention.js";
import { Growing, grows, growsHere, scatters } from "./scatter.js";

export const FULL_LINE = 28; // pixels of a cell; in a smaller one a thinner outline leaves the number its room
export const SMALLEST_NUMBER = 20; // a cell this wide has room for a number
const SMALLEST_PRINT = 7; // pixels of a number
const SHORTENED_PRINT = 8; // a number that would be smaller goes without its leading zero
const READABLE_PRINT = 9; // decimals give way to numbers of this size
const CLEAR = 7; // pixels of a cell's width or height that an outline may cover, on both sides together
const THIN_CLEAR = 5; // the same where outlines are thin
const DIGIT_HEIGHT = 0.66; // of the size of its print
const WRONG = 0xff005ed5; // the role's vermilion as a pixel: no number
const MOST_FITS = 5000; // sizes of numbers that are remembered
export const GHOST = 0.34; // how strongly results that are still to come are drawn

export const cellMethods = {
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
  },

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
      if (done.order) {
        context.drawImage(this.landed(frame, grid, bitmap, done), corner.x, corner.y, width, height);
        context.globalAlpha = strong;
      }
      const part = (row, col, rows, cols) => {
        if (rows < 1 || cols < 1) return;
        const at = cellBox(grid, view, slice, row, col);
        context.drawImage(bitmap, col, row, cols, rows, at.x, at.y, cols * view.cell.width, rows * view.cell.height);
      };
      if (!done.order) {
        part(0, 0, done.row, grid.cols);
        part(done.row, 0, Math.min(done.rows ?? 1, grid.rows - done.row), done.col);
      }
    } else context.drawImage(bitmap, corner.x, corner.y, width, height);
    context.globalAlpha = strong;
    if (panel.margin.some(([before, after]) => before || after)) this.drawMargin(context, frame, grid, view, slice);
    if (panel.unread || panel.crossed) this.drawUnread(context, grid, view, slice);
  },

  /** Rows and columns that nothing reads are crossed out, not hidden. */
  drawUnread(context, grid, view, slice) {
    const { panel } = grid;
    const { rows, cols } = panel.view;
    const boxes = [];
    const lost = { rows: new Set(panel.unread?.[rows]), cols: new Set(panel.unread?.[cols]) };
    const isCrossed = (row, col) => panel.crossed?.[row * grid.cols + col] === 1; // has no margin
    for (let row = 0; row < grid.rows; row += 1) {
      for (let col = 0; col < grid.cols; col += 1) {
        if (lost.rows.has(row) || lost.cols.has(col) || isCrossed(row, col)) boxes.push(cellBox(grid, view, slice, row, col));
      }
    }
    this.crosses(context, boxes, this.numbered(panel, view) && !panel.quantised);
  },

  /** Cross cells out; where there is a number, its cross is open in the middle. */
  crosses(context, boxes, numbered) {
    if (boxes.length === 0) return;
    context.save();
    context.globalAlpha = 0.85;
    context.strokeStyle = roleColour("wrong");
    context.lineWidth = Math.max(1, Math.min(2, boxes[0].width / 12));
    context.beginPath();
    const [from, to] = numbered ? [0.08, 0.3] : [0.22, 0.5];
    for (const box of boxes) {
      for (const [right, bottom] of [[0, 0], [1, 0], [0, 1], [1, 1]]) {
        const x = (share) => box.x + box.width * (right ? 1 - share : share);
        const y = (share) => box.y + box.height * (bottom ? 1 - share : share);
        context.moveTo(x(from), y(from));
        context.lineTo(x(to), y(to));
      }
    }
    context.stroke();
    context.restore();
  },

  /** How far a result slice is computed: the full rows, and the cells of the row at hand. Null: all of it. */
  doneIn(frame, grid, slice) {
    const { panel } = grid;
    const at = frame.current;
    if (frame.still || this.scene.links || (this.scene.options.layers && !frame.playing)) return null;
    if (isPending(this.scene, at.act, panel)) return { row: 0, col: 0 };
    const relation = at.act.relations.get(panel.name);
    if (!shows(panel, at.act) || !relation || scatters(at.act)) return null;
    if (copies(at.act)) return { order: this.orderIn(at.act), landed: frame.landed - at.act.first };
    const here = cellOf(relation, at.index, at.act.terms.map(() => 0));
    const stack = panel.view.stack;
    const drawn = stack === undefined ? 0 : slice;
    const now = stack === undefined ? 0 : here[stack];
    if (drawn < now) return null;
    if (drawn > now) return { row: 0, col: 0 };
    const [row, col] = [here[panel.view.rows], here[panel.view.cols]];
    const around = at.act.frames.get(panel.name);
    if (!around) return { row, col: col + 1 };
    // What is computed together is there together: of a row of tiles those up to this one, after its first line all.
    const [first, last] = endsOf(around, at.index);
    const [top, bottom] = [first[panel.view.rows], last[panel.view.rows]];
    return { row: top, rows: bottom - top + 1, col: Math.min(grid.cols, row > top ? grid.cols : last[panel.view.cols] + 1) };
  },

  /** The value that a cell shows now: a result that steps add to holds what they have added so far. */
  shown(frame, panel, cell) {
    const act = actOf(frame.current.act, panel);
    if (!shows(panel, act) || !grows(act) || frame.still) return valueAt(panel, cell);
    if (!this.growing.has(act)) this.growing.set(act, new Growing(this.scene, act));
    const growing = this.growing.get(act);
    return growing.valueAfter(frame.landed, cellOfSame(panel, growing.panel, sourceOf(panel, cell)));
  },

  /** When each cell of a copying act's result is written. */
  orderIn(act) {
    const key = `order ${act.first}`;
    if (!this.orders.has(key)) this.orders.set(key, orderOf(this.scene, act));
    return this.orders.get(key);
  },

  /** A picture of those cells alone that are written by now. */
  landed(frame, grid, bitmap, { order, landed }) {
    const { panel, rows, cols } = grid;
    const key = `${panel.name} landed ${frame.theme.dark}`;
    const kept = this.orders.get(key);
    if (kept?.at === landed) return kept.canvas;
    const canvas = kept?.canvas ?? document.createElement("canvas");
    canvas.width = cols;
    canvas.height = rows;
    const context = canvas.getContext("2d");
    for (let row = 0; row < rows; row += 1) {
      for (let col = 0; col < cols; col += 1) {
        if (order[ravel(cellAt(frame, grid, 0, row, col), panel.shape)] <= landed) context.drawImage(bitmap, col, row, 1, 1, col, row, 1, 1);
      }
    }
    this.orders.set(key, { canvas, at: landed });
    return canvas;
  },

  /** Whether cells of this size have room for their numbers; those of a matrix for the widest of them. */
  numbered(panel, { cell }) {
    if (!panel.stretch) return Math.min(cell.width, cell.height) >= SMALLEST_NUMBER;
    return this.sizeIn(panel, { cell }) >= SMALLEST_PRINT;
  },

  /** One size of print for all numbers of a matrix: that of the widest. */
  sizeIn(panel, { cell }) {
    const { widest } = this.written(panel, cell);
    return Math.min(15, cell.height * 0.72, (cell.height - CLEAR) / DIGIT_HEIGHT, (cell.width - CLEAR) / widest);
  },

  /** With how many decimals all numbers of a panel are written in cells of this size, and how wide the widest is. */
  written(panel, { width }) {
    const key = `written ${panel.name} ${width}`;
    if (!this.places.has(key)) {
      const found = fewest(this.extremes(panel), this.decimals(panel), width);
      const widest = panel.texts ? Math.max(...panel.texts.map(widthOf)) : Infinity;
      const isText = widest * READABLE_PRINT <= width - CLEAR; // else decimals take less room
      this.places.set(key, { places: found.places, widest: isText ? widest : found.widest, isText });
    }
    return this.places.get(key);
  },

  /** The least and the greatest value of a panel, and the size of the smallest that is not zero. */
  extremes(panel) {
    const key = `extremes ${panel.name}`;
    if (!this.places.has(key)) this.places.set(key, extremesOf(panel.values, this.decimals(panel)));
    return this.places.get(key);
  },

  bitmap(frame, grid, slice) {
    const { panel } = grid;
    if (growsHere(this.scene, frame.current.step, panel)) return this.makeBitmap(frame, grid, slice);
    const fixed = cellAt(frame, grid, slice, 0, 0).filter(
      (_, axis) => axis !== panel.view.rows && axis !== panel.view.cols,
    );
    const key = `${panel.name}|${fixed.join()}|${frame.theme.dark}`;
    if (!this.bitmaps.has(key)) this.bitmaps.set(key, this.makeBitmap(frame, grid, slice));
    return this.bitmaps.get(key);
  },

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
    // One 32-bit write a cell, and for the panel's own cells a straight walk through its values: a whole picture
    // comes with every change of a slider.
    const pixels = new Uint32Array(image.data.buffer);
    const palette = packed(colours);
    const put = (at, value) => {
      const entry = entryOf(value, panel.scale);
      pixels[at] = entry < 0 ? WRONG : palette[entry];
    };
    if (whole && !growsHere(this.scene, frame.current.step, panel)) {
      const start = first.reduce((sum, position, axis) => {
        const drawn = axis === panel.view.rows || axis === panel.view.cols;
        return sum + (drawn ? 0 : position * panel.strides[axis]);
      }, 0);
      const [down, across] = [panel.strides[panel.view.rows], panel.strides[panel.view.cols]];
      const colourOfByte = panel.quantised ? quantisedPalette(panel, palette) : null;
      for (let row = 0; row < height; row += 1) {
        let from = start + row * down;
        let at = (row + top) * cols + left;
        for (let col = 0; col < width; col += 1, from += across, at += 1) {
          if (colourOfByte) pixels[at] = colourOfByte[panel.values[from]];
          else put(at, panel.values[from]);
        }
      }
      if (!panel.sources) {
        context.putImageData(image, 0, 0);
        return canvas;
      }
    }
    const cell = [...first];
    for (let row = 0; row < rows; row += 1) {
      for (let col = 0; col < cols; col += 1) {
        const own = whole && row >= top && row < top + height && col >= left && col < left + width;
        if (own ? pixels[row * cols + col] !== 0 : !panel.sources) continue;
        cell[panel.view.rows] = row - top;
        cell[panel.view.cols] = col - left;
        if (own || sourceOf(panel, cell) !== null) put(row * cols + col, this.shown(frame, panel, cell));
      }
    }
    context.putImageData(image, 0, 0);
    return canvas;
  },

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
  },

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
  },

  drawNumbers(context, frame, grid, view, slice) {
    const { panel } = grid;
    if (!this.numbered(panel, view) || panel.quantised) return;
    const seen = visible(grid, view, slice);
    const done = this.doneIn(frame, grid, slice);
    const { places, isText } = this.written(panel, view.cell);
    for (let row = seen.top; row < seen.bottom; row += 1) {
      for (let col = seen.left; col < seen.right; col += 1) {
        const cell = cellAt(frame, grid, slice, row, col);
        const own = sourceOf(panel, cell);
        if (!own && Number.isNaN(panel.fill)) continue; // a margin that holds nothing
        const value = own ? this.shown(frame, panel, cell) : panel.fill;
        const box = cellBox(grid, view, slice, row, col);
        const later = done && (done.order ? done.order[ravel(cell, panel.shape)] > done.landed : row >= done.row + (done.rows ?? 1) || (row >= done.row && col >= done.col));
        const channel = Math.max(0, cell[panel.view.stack] ?? 0);
        let ink = frame.theme.quiet;
        if (own && inside(panel, cell) && !later) ink = inkOn(colourOf(value, panel.scale, frame.theme.dark, channel));
        context.globalAlpha = later ? 0.65 : 1;
        this.number(context, frame, box, (isText ? textIn(panel, cell) : null) ?? aligned(value, places), ink, panel.stretch ? { most: this.sizeIn(panel, view) } : {});
      }
    }
    context.globalAlpha = 1;
  },

  /** The size of at most `size` in which a text is no wider than `widest`: measured once, asked in every frame. */
  fitting(context, frame, text, size, widest) {
    const key = `${text}|${size}|${widest}|${frame.theme.font}`;
    const known = this.fits.get(key);
    if (known !== undefined) return known;
    context.font = `400 ${size}px ${frame.theme.font}`;
    const { width } = context.measureText(text);
    const fitted = width > widest ? (size * widest) / width : size;
    if (this.fits.size > MOST_FITS) this.fits.clear();
    this.fits.set(key, fitted);
    return fitted;
  },

  number(context, frame, box, text, ink, { share = 0.42, most = null } = {}) {
    // A number that an outline would cut reads as another one: it keeps clear of it, or is not written.
    const wanted = most ?? Math.min(15, box.height * share);
    const clear = Math.min(box.width, box.height) < FULL_LINE ? THIN_CLEAR : CLEAR;
    const room = Math.min(box.width * 0.92, box.width - clear);
    let size = this.fitting(context, frame, text, wanted, room);
    if (size < SHORTENED_PRINT) {
      text = pointed(text);
      size = this.fitting(context, frame, text, wanted, room);
    }
    if (size < SMALLEST_PRINT) return;
    context.font = `400 ${size}px ${frame.theme.font}`;
    context.textAlign = "center";
    context.fillStyle = ink;
    context.fillText(text, box.x + box.width / 2, box.y + box.height / 2 + 0.5);
  },
};

/** What is written in a cell in place of decimals, if anything is. */
export function textIn(panel, cell) {
  return panel.texts && inside(panel, cell) ? panel.texts[ravel(cell, panel.shape)] : null;
}

/** The range of values, and how small they are besides those that are written as zero anyway. */
export function extremesOf(values, decimals) {
  const zero = 0.5 * 10 ** -decimals;
  let [low, high, small] = [Infinity, -Infinity, Infinity];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
    const size = Math.abs(value);
    if (size >= zero && size < small) small = size;
  }
  return low > high ? { low: 0, high: 0, small } : { low, high, small };
}

/** As many decimals as can be read from afar in a cell; but nothing is written as zero for want of room. */
export function fewest({ low, high, small }, decimals, width) {
  const widestAt = (places) => Math.max(widthOf(aligned(low, places)), widthOf(aligned(high, places)));
  let places = decimals;
  while (places > 0 && widestAt(places) * READABLE_PRINT > width - CLEAR && small >= 0.5 * 10 ** (1 - places)) places -= 1;
  return { places, widest: widestAt(places) };
}

/** The colours of a table as pixels of a canvas, red in the lowest byte. */
function packed(colours) {
  const pixels = new Uint32Array(colours.length / 3);
  for (let i = 0; i < pixels.length; i += 1) {
    pixels[i] = 0xff000000 + colours[3 * i] + (colours[3 * i + 1] << 8) + (colours[3 * i + 2] << 16);
  }
  return pixels;
}

/** The pixel of each of the 256 steps of a quantised panel. */
function quantisedPalette(panel, palette) {
  const [low, high] = panel.quantised;
  return Uint32Array.from({ length: 256 }, (_, byte) => palette[entryOf(low + (byte * (high - low)) / 255, panel.scale)]);
}

/** Three planes (3, H, W) of 0 to 255 as one picture in its own colours. */
function paintColours(panel, image) {
  const [height, width] = [panel.shape[panel.view.rows], panel.shape[panel.view.cols]];
  const [[top], [left]] = [panel.margin[panel.view.rows], panel.margin[panel.view.cols]];
  const size = height * width;
  const pixels = new Uint32Array(image.data.buffer);
  const { values } = panel;
  for (let row = 0, i = 0; row < height; row += 1) {
    let at = (row + top) * image.width + left;
    for (let col = 0; col < width; col += 1, i += 1, at += 1) {
      pixels[at] = 0xff000000 + values[i] + (values[size + i] << 8) + (values[2 * size + i] << 16);
    }
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
