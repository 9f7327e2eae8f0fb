// The flight of a step's cells from one panel to another, a pure function of the scene and the time.

import { cellOf, sourceOf, unravel, valueAt } from "./scene.js";
import { colourOf, inkOn, roleColour } from "./colour.js";
import { show } from "./numbers.js";

const MOST_CELLS = 400; // more at once would be a cloud
const APART = 0.45; // of the whole time, how much later the last cell leaves than the first

export const flightMethods = {
  /** Draw the cells of the step at hand on their way; `frame.flight` is the share of the time that has passed. */
  drawFlight(context, frame) {
    const { act, index } = frame.current;
    if (frame.flight === null || !act.flight || act.termCount > MOST_CELLS) return;
    const [start, end] = act.flight.map((name) => this.endOf(frame, act, name));
    if (!start || !end || start.view.flat || end.view.flat) return;
    const places = this.decimals(start.panel);
    context.save();
    for (let i = act.termCount - 1; i >= 0; i -= 1) {
      const term = unravel(i, act.terms);
      const from = cellOf(start.relation, index, term);
      const delay = act.termCount > 1 ? (APART * i) / (act.termCount - 1) : 0;
      const box = between(this.boxOf(start.grid, start.view, from), this.boxOf(end.grid, end.view, cellOf(end.relation, index, term)), eased((frame.flight - delay) / (1 - APART)));
      const padded = sourceOf(start.panel, from) === null;
      const value = valueAt(start.panel, from);
      const channel = start.panel.view.stack === undefined ? 0 : from[start.panel.view.stack];
      const rgb = colourOf(value, start.panel.scale, frame.theme.dark, channel);
      context.fillStyle = padded ? frame.theme.background : `rgb(${rgb})`;
      context.fillRect(box.x, box.y, box.width, box.height);
      if (padded) {
        context.fillStyle = this.hatch(context, frame);
        context.fillRect(box.x, box.y, box.width, box.height);
      }
      this.outline(context, box, roleColour("copy"), [], 1.5);
      if (box.width >= 15) this.number(context, frame, box, show(value, places), padded ? frame.theme.text : inkOn(rgb), { share: 0.5 });
    }
    context.restore();
  },

  endOf(frame, act, name) {
    const grid = frame.grids.get(name);
    const relation = act.relations.get(name);
    return grid && relation ? { grid, relation, panel: grid.panel, view: this.viewOf(frame, grid) } : null;
  },
};

function eased(share) {
  const bounded = Math.max(0, Math.min(1, share));
  return bounded * bounded * (3 - 2 * bounded);
}

function between(from, to, share) {
  const at = (name) => from[name] + (to[name] - from[name]) * share;
  return { x: at("x"), y: at("y"), width: at("width"), height: at("height") };
}
