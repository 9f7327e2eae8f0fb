// A lens: what the step reads, or its products, cell by cell in the shape of the terms.

import { cellOf, inside, ravel, valueAt } from "./scene.js";
import { colourOf, inkOn } from "./colour.js";
import { cellBox } from "./layout.js";
import { aligned } from "./numbers.js";
import { cellAt } from "./frame.js";
import { SMALLEST_NUMBER, extremesOf, fewest } from "./cells.js";
import { cutOff } from "./scatter.js";
import { actOf } from "./copying.js";

export const lensMethods = {
  /** A lens: what the step reads, or the products, cell by cell in the shape of the terms. */
  drawLens(context, frame, grid, view) {
    const { panel } = grid;
    const { index } = frame.attention;
    const act = actOf(frame.attention.act, panel);
    const factors = panel.factors.map((name) => this.scene.byName.get(name));
    const relations = panel.factors.map((name) => act.relations.get(name));
    const reach = factors.reduce((most, factor) => most * Math.max(Math.abs(factor.scale[1]), Math.abs(factor.scale[2])), 1);
    const scale = factors.length === 1 ? factors[0].scale : ["diverging", -reach, reach];
    const cut = cutOff(this.scene, act, index);
    const lost = [];
    const numbers = [];
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
          if (factors.length > 1 && cut[ravel(term, act.terms)]) lost.push(box);
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
          numbers.push({ value, box, ink: padded && factors.length === 1 ? frame.theme.text : inkOn(rgb) });
        }
      }
    }
    if (view.cell.width >= SMALLEST_NUMBER) {
      const decimals = this.decimals(panel);
      const { places } = fewest(extremesOf(numbers.map(({ value }) => value), decimals), decimals, view.cell.width);
      for (const { value, box, ink } of numbers) this.number(context, frame, box, aligned(value, places), ink);
    }
    this.crosses(context, lost, view.cell.width >= SMALLEST_NUMBER);
  },
};
