// A signal: its rows as curves.

import { valueAt } from "./scene.js";
import { cellBox } from "./layout.js";
import { aligned, brief, raised } from "./numbers.js";
import { casingOf } from "./colour.js";
import { cellAt } from "./frame.js";
import { GHOST } from "./cells.js";

export const NUMBERED = 26; // samples this far apart have room for their numbers
const POWER_APART = 26; // pixels between the lines of a logarithmic scale
export const SEPARATE = 6; // samples this far apart are seen one by one

/** Whether a signal is on a logarithmic scale. */
export function isLog(panel) {
  return panel.scale?.[0] === "log";
}

export const curveMethods = {
  /** The height on the canvas of a value of a signal's row: with room above and below for numbers. */
  levelOf(grid, view, row, value) {
    const [low, high] = this.range(grid.panel);
    const [bottom, share] = view.cell.width < NUMBERED ? [0.94, 0.88] : [0.8, 0.6];
    const way = isLog(grid.panel) ? Math.log(Math.max(value, low) / low) / Math.log(high / low) : (value - low) / (high - low);
    return cellBox(grid, view, 0, row, 0).y + view.cell.height * (bottom - share * way);
  },

  /** The value that a height on the canvas stands for. */
  valueAtLevel(grid, view, row, y) {
    const [zero, one] = [0, 1].map((value) => this.levelOf(grid, view, row, value));
    return (y - zero) / (one - zero);
  },

  /** From where to where a signal's curve goes: zero and all its finite values; one to draw on keeps its scale. */
  range(panel) {
    if (panel.edit === "draw" || isLog(panel)) return panel.scale.slice(1);
    const key = `${panel.name}|range`;
    if (!this.bitmaps.has(key)) {
      const finite = [...(panel.quantised ?? panel.values)].filter(Number.isFinite);
      const range = [Math.min(0, ...finite), Math.max(0, ...finite)];
      this.bitmaps.set(key, range[0] === range[1] ? [0, 1] : range);
    }
    return this.bitmaps.get(key);
  },

  /** A line for each power of ten that a logarithmic scale holds; of very many only some. */
  drawPowers(context, frame, grid, level, numbered) {
    const [low, high] = this.range(grid.panel).map(Math.log10);
    const apart = Math.max(1, Math.ceil((high - low) / Math.max(1, grid.area.height / POWER_APART)));
    context.font = `400 11px ${frame.theme.font}`;
    context.textAlign = "left";
    context.fillStyle = frame.theme.quiet;
    for (let power = Math.ceil(low); power <= Math.floor(high); power += 1) {
      if (power % apart !== 0) continue;
      const y = level(10 ** power);
      context.beginPath();
      context.moveTo(grid.area.x, y);
      context.lineTo(grid.area.x + grid.area.width, y);
      context.stroke();
      if (!numbered) context.fillText(`10${raised(String(power))}`, grid.area.x + 4, y - 7);
    }
  },

  /** The sample that the step is at, where samples are too close for an outline: a point on a line. */
  drawPoint(context, frame, grid, view, cell, box, colour) {
    const x = box.x + box.width / 2;
    const y = this.levelOf(grid, view, cell[grid.panel.view.rows], valueAt(grid.panel, cell));
    context.strokeStyle = frame.theme.quiet;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(x, box.y);
    context.lineTo(x, box.y + box.height);
    context.stroke();
    context.beginPath();
    context.arc(x, y, 5, 0, 2 * Math.PI);
    context.fillStyle = colour;
    context.strokeStyle = casingOf(colour);
    context.lineWidth = 1.5;
    context.fill();
    context.stroke();
  },

  /** A signal's rows as curves; values that are still to come are drawn faintly. */
  drawCurves(context, frame, grid, view) {
    const { panel } = grid;
    const done = this.doneIn(frame, grid, 0);
    for (let row = 0; row < grid.rows; row += 1) {
      const level = (value) => this.levelOf(grid, view, row, value);
      const centre = (col) => cellBox(grid, view, 0, row, col + 0.5).x;
      context.strokeStyle = frame.theme.faint;
      context.lineWidth = 1;
      if (isLog(panel)) this.drawPowers(context, frame, grid, level, view.cell.width >= NUMBERED);
      else {
        context.beginPath();
        context.moveTo(centre(-0.5), level(0));
        context.lineTo(centre(grid.cols - 0.5), level(0));
        context.stroke();
      }
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
        if (view.cell.width >= SEPARATE) {
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
      if (view.cell.width >= NUMBERED) {
        for (let col = 0; col < grid.cols; col += 1) {
          const value = valueAt(panel, cellAt(frame, grid, 0, row, col));
          const middle = level(value) + (value < 0 ? 12 : -12);
          const box = { ...cellBox(grid, view, 0, row, col), y: middle - 13, height: 26 };
          const text = isLog(panel) ? brief(value) : aligned(value, this.decimals(panel));
          this.number(context, frame, box, text, frame.theme.quiet);
        }
      }
    }
    context.strokeStyle = frame.theme.faint;
    context.strokeRect(grid.area.x + 0.5, grid.area.y + 0.5, grid.area.width - 1, grid.area.height - 1);
  },
};
