// Changes of values on the stage, and their way to Python.

import { inside, ravel } from "./scene.js";

const DRAWN_STEPS = 50; // how finely a signal is drawn, from zero to the end of its scale
const ANSWERED = 1500; // milliseconds by which Python's answer to a change is usually there
const PAINT_EVERY = 150; // milliseconds between two messages while a brush is down

export const changeMethods = {
  /** Change values here at once, and tell Python; its answer carries the revision back. */
  change(name, changes, later = "") {
    const panel = this.scene.byName.get(name);
    const values = Float32Array.from(panel.values);
    for (const [flat, value] of changes) values[flat] = value;
    panel.values = values;
    this.painter.forget(name);
    this.attentionKey = this.written = null;
    this.revision += 1;
    this.remember();
    this.edited = { panel: name, values: [...values], shape: panel.shape, revision: this.revision };
    // What waits for the pen to be lifted is sent by that.
    if (later === "soon") this.editing ??= setTimeout(() => this.flush(), PAINT_EVERY);
    else if (later !== "lifted") this.flush();
    this.refresh();
    this.speak(ANSWERED); // the answer speaks for itself
  },

  /** Draw a signal: the sample under the pointer takes its level, and those passed over lie on a line to it. */
  stroke(event) {
    const { press } = this;
    const name = press.hit.panel;
    const { area } = this.grids.get(name);
    const box = this.canvas.getBoundingClientRect();
    const clamp = (value, low, high) => Math.max(low, Math.min(high, value));
    const x = clamp(event.clientX - box.left, area.x + 1, area.x + area.width - 1);
    const y = clamp(event.clientY - box.top, area.y + 1, area.y + area.height - 1);
    const hit = this.painter.hit(this.view, x, y);
    const panel = this.scene.byName.get(name);
    if (hit?.panel !== name || !inside(panel, hit.cell)) return;
    const { rows, cols } = panel.view;
    const [, low, high] = panel.scale;
    const level = this.painter.valueAtLevel(hit.grid, hit.view, hit.cell[rows], y);
    const here = { col: hit.cell[cols], level: clamp(level, low, high) };
    const from = press.last ?? here;
    const count = Math.abs(here.col - from.col);
    const step = high / DRAWN_STEPS;
    const changes = [];
    for (let i = 0; i <= count; i += 1) {
      const cell = [...hit.cell];
      cell[cols] = from.col + Math.sign(here.col - from.col) * i;
      const passed = from.level + (here.level - from.level) * (count ? i / count : 1);
      changes.push([ravel(cell, panel.shape), Math.round(passed / step) * step]);
    }
    press.last = here;
    this.point({ panel: name, cell: hit.cell });
    if (changes.some(([flat, value]) => panel.values[flat] !== Math.fround(value))) this.change(name, changes, "soon");
  },

  flush() {
    clearTimeout(this.editing);
    this.editing = null;
    if (!this.edited) return;
    this.send("edit", this.edited);
    this.edited = null;
  },
};
