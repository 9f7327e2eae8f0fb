// A signal: its rows as curves.

import { valueAt } from "./scene.js";
import { cellBox } from "./layout.js";
import { show } from "./numbers.js";
import { cellAt } from "./frame.js";
import { GHOST } from "./cells.js";

export const curveMethods = {
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
  },
};
