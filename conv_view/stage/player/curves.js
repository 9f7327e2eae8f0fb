// A signal: its rows as curves.

import { valueAt } from "./scene.js";
import { cellBox } from "./layout.js";
import { aligned } from "./numbers.js";
import { cellAt } from "./frame.js";
import { GHOST } from "./cells.js";

const NUMBERED = 26; // samples this far apart have room for their numbers

export const curveMethods = {
  /** The height on the canvas of a value of a signal's row: with room above and below for numbers. */
  levelOf(grid, view, row, value) {
    const [low, high] = this.range(grid.panel);
    const [bottom, share] = view.cell.width < NUMBERED ? [0.94, 0.88] : [0.8, 0.6];
    return cellBox(grid, view, 0, row, 0).y + view.cell.height * (bottom - (share * (value - low)) / (high - low));
  },

  /** The value that a height on the canvas stands for. */
  valueAtLevel(grid, view, row, y) {
    const [zero, one] = [0, 1].map((value) => this.levelOf(grid, view, row, value));
    return (y - zero) / (one - zero);
  },

  /** From where to where a signal's curve goes: zero and all its finite values; one to draw on keeps its scale. */
  range(panel) {
    if (panel.edit === "draw") return panel.scale.slice(1);
    const key = `${panel.name}|range`;
    if (!this.bitmaps.has(key)) {
      const finite = [...(panel.quantised ?? panel.values)].filter(Number.isFinite);
      const range = [Math.min(0, ...finite), Math.max(0, ...finite)];
      this.bitmaps.set(key, range[0] === range[1] ? [0, 1] : range);
    }
    return this.bitmaps.get(key);
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
      if (view.cell.width >= NUMBERED) {
        for (let col = 0; col < grid.cols; col += 1) {
          const value = valueAt(panel, cellAt(frame, grid, 0, row, col));
          const middle = level(value) + (value < 0 ? 12 : -12);
          const box = { ...cellBox(grid, view, 0, row, col), y: middle - 13, height: 26 };
          this.number(context, frame, box, aligned(value, this.decimals(panel)), frame.theme.quiet);
        }
      }
    }
    context.strokeStyle = frame.theme.faint;
    context.strokeRect(grid.area.x + 0.5, grid.area.y + 0.5, grid.area.width - 1, grid.area.height - 1);
  },
};
