// What a pointer and keys do on the stage.

import { SPEEDS, tickOf } from "./clock.js";
import { inside, locate, ravel } from "./scene.js";
import { attend, termCells } from "./attention.js";
import { focusSlice } from "./frame.js";
import { termTarget } from "./caption.js";

const DRAG_FROM = 4; // pixels
const PEN = [[0, 0, 1], [-1, 0, 0.6], [1, 0, 0.6], [0, -1, 0.6], [0, 1, 0.6]]; // rows, columns, share of the ink
const BRUSHED = ["paint", "draw"]; // edits of a panel that a pointer makes while it is down

/** What a soft pen leaves from one cell to another: (flat index, value) pairs; ink never lightens, paper clears. */
function penned(panel, from, to, value) {
  const { rows, cols } = panel.view;
  const steps = Math.max(1, Math.abs(to[rows] - from[rows]), Math.abs(to[cols] - from[cols]));
  const ink = new Map();
  for (let i = 0; i <= steps; i += 1) {
    for (const [down, across, share] of PEN) {
      const cell = [...to];
      cell[rows] = Math.round(from[rows] + ((to[rows] - from[rows]) * i) / steps) + down;
      cell[cols] = Math.round(from[cols] + ((to[cols] - from[cols]) * i) / steps) + across;
      if (!inside(panel, cell)) continue;
      const flat = ravel(cell, panel.shape);
      ink.set(flat, value === 0 ? 0 : Math.max(ink.get(flat) ?? panel.values[flat], Math.round(value * share)));
    }
  }
  return [...ink];
}

export const pointerMethods = {
  listen() {
    const { canvas } = this;
    canvas.addEventListener("pointermove", (event) => this.moved(event));
    canvas.addEventListener("pointerdown", (event) => this.pressed(event));
    canvas.addEventListener("pointerup", (event) => this.released(event));
    canvas.addEventListener("pointercancel", () => {
      if (this.press?.painting) this.flush();
      this.press = null;
    });
    canvas.addEventListener("pointerleave", () => {
      if (!this.press && !this.editor.open) this.point(null);
    });
    canvas.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    canvas.addEventListener("touchmove", (event) => this.press?.painting && event.preventDefault(), { passive: false });
    this.stage.addEventListener("keydown", (event) => this.key(event));
    this.sum.addEventListener("pointerover", (event) => {
      const span = event.target.closest?.("[data-term]");
      if (span && !this.pinned) this.point(termTarget(this.scene, this.attention.act, span));
    });
    this.sum.addEventListener("click", (event) => {
      if (!event.target.closest?.(".more")) return;
      this.allTerms = true;
      this.refresh();
    });
    this.sum.addEventListener("pointerleave", () => !this.editor.open && this.point(null));
  },

  at(event) {
    const box = this.canvas.getBoundingClientRect();
    if (!this.view) return null;
    return this.painter.hit(this.view, event.clientX - box.left, event.clientY - box.top);
  },

  /** Light what a cell is tied to; playing holds while the pointer rests on a cell. */
  point(target) {
    if (JSON.stringify(target) === JSON.stringify(this.target)) return;
    this.target = target;
    this.hold();
    if (!this.playing && target && !this.pinned) this.speak();
    this.refresh();
  },

  /** Playing waits while a cell is pointed at or pinned. */
  hold() {
    this.held = this.playing && Boolean(this.target || this.pinned);
  },

  /** Let go of everything that is pointed at or pinned. */
  release() {
    this.target = this.pinned = null;
    this.hold();
    this.refresh();
  },

  moved(event) {
    if (this.press) {
      this.dragged(event);
      return;
    }
    if (event.pointerType === "touch" || this.editor.open) return;
    const hit = this.at(event);
    this.canvas.style.cursor = this.cursorFor(hit);
    this.point(hit && { panel: hit.panel, cell: hit.cell });
  },

  cursorFor(hit) {
    if (!hit) return "default";
    const panel = this.scene.byName.get(hit.panel);
    if (panel.edit === "type" && inside(panel, hit.cell)) return "text";
    if (BRUSHED.includes(panel.edit) && inside(panel, hit.cell)) return "crosshair";
    return "pointer";
  },

  pressed(event) {
    if (event.button !== 0) return;
    const hit = this.at(event);
    this.canvas.focus({ preventScroll: true });
    const panel = hit && this.scene.byName.get(hit.panel);
    const painting = Boolean(panel && BRUSHED.includes(panel.edit) && inside(panel, hit.cell) && !event.shiftKey);
    this.press = { x: event.clientX, y: event.clientY, hit, painting, moved: false };
    if (!painting) return;
    this.canvas.setPointerCapture(event.pointerId);
    if (panel.edit === "draw") {
      this.stroke(event);
      return;
    }
    const now = panel.values[ravel(hit.cell, panel.shape)];
    // A pen crosses its own strokes; a brush of one cell takes back what it has painted.
    this.press.value = now === this.brush() && !panel.pen ? 0 : this.brush();
    this.dab(hit);
  },

  brush() {
    return Number(this.transport.ink.value);
  },

  dragged(event) {
    const { press } = this;
    if (Math.hypot(event.clientX - press.x, event.clientY - press.y) > DRAG_FROM) press.moved = true;
    const hit = this.at(event);
    if (press.painting && this.scene.byName.get(press.hit.panel).edit === "draw") {
      this.stroke(event);
      return;
    }
    if (press.painting) {
      if (hit && hit.panel === press.hit.panel) this.dab(hit);
      else press.last = null;
      return;
    }
    if (!press.moved || !press.hit?.view.flat) return;
    const { view, panel: name } = press.hit;
    const from = press.centre ?? this.centres.get(name) ?? this.painter.centreOf(this.view, press.hit.grid);
    press.centre = from;
    this.look(press.hit.grid, {
      row: from.row - (event.clientY - press.y) / view.cell.height,
      col: from.col - (event.clientX - press.x) / view.cell.width,
    });
    this.refresh();
  },

  /** Bring a place of a panel to its middle; a picture and the whole result beside a stage go together. */
  look(grid, { row, col }) {
    for (const other of this.scene.options.pick ? this.grids.values() : [grid]) {
      const along = (at, from, to) => ((at + 0.5) * to) / from - 0.5;
      this.centres.set(other.panel.name, { row: along(row, grid.rows, other.rows), col: along(col, grid.cols, other.cols) });
    }
  },

  /** Where a whole result is looked into first: at what is pointed at, else at the part on the stage. */
  lookAtPart() {
    const place = this.target ?? this.pinned ?? this.scene.panels.map(({ name, mark }) => mark && { panel: name, mark }).find(Boolean);
    const grid = place && this.grids.get(place.panel);
    if (!grid) return;
    const { rows, cols } = grid.panel.view;
    const [row, col] = place.cell ? [place.cell[rows], place.cell[cols]] : place.mark.slice(-2).map(([start, size]) => start + size / 2 - 0.5);
    this.look(grid, { row, col });
  },

  dab(hit) {
    const panel = this.scene.byName.get(hit.panel);
    if (!inside(panel, hit.cell)) return;
    this.point({ panel: hit.panel, cell: hit.cell });
    const { value } = this.press;
    const inked = panel.pen ? penned(panel, this.press.last ?? hit.cell, hit.cell, value) : [[ravel(hit.cell, panel.shape), value]];
    this.press.last = hit.cell;
    const changes = inked.filter(([flat, ink]) => panel.values[flat] !== ink);
    if (changes.length > 0) this.change(hit.panel, changes, panel.pen ? "lifted" : "soon");
  },

  released(event) {
    const { press } = this;
    this.press = null;
    if (!press) return;
    if (press.painting) {
      this.flush();
      return;
    }
    if (press.moved) return;
    this.clicked(press.hit, event);
  },

  clicked(hit) {
    if (!hit) {
      this.release();
      return;
    }
    const panel = this.scene.byName.get(hit.panel);
    const target = { panel: hit.panel, cell: hit.cell };
    if (this.scene.options.pick) {
      this.pick(target);
      return;
    }
    if (hit.slice !== hit.focus && !hit.grid.strip) {
      this.slices.set(hit.panel, hit.slice);
      this.refresh();
      return;
    }
    if (panel.edit === "type" && inside(panel, hit.cell)) {
      this.pinned = null;
      this.target = target;
      this.hold();
      this.editor.start(panel, hit.cell);
      this.refresh();
      return;
    }
    const again = JSON.stringify(this.pinned) === JSON.stringify(target);
    const { act, step } = attend(this.scene, this.step, null, target);
    if (hit.panel === act.arithmetic.result && !again) {
      this.playing = false;
      this.jump(tickOf(this.scene, this.level, step, 0));
      this.report();
    }
    this.pinned = again ? null : target;
    // The page may follow what is pinned on a stage that plays.
    if (this.scene.options.follow && !again) this.send("pick", { ...target, at: (this.picks = (this.picks ?? 0) + 1) });
    this.hold();
    this.refresh();
    this.speak();
  },

  wheel(event) {
    if (!event.ctrlKey && !event.metaKey) return; // plain scrolling belongs to the page
    event.preventDefault();
    const hit = this.at(event);
    if (hit && !this.centres.has(hit.panel) && hit.grid.panel.view) {
      const { rows, cols } = hit.grid.panel.view;
      const margin = hit.grid.panel.margin;
      this.look(hit.grid, { row: hit.cell[rows] + margin[rows][0], col: hit.cell[cols] + margin[cols][0] });
    }
    this.setZoom(this.zoom * Math.exp(-event.deltaY / 240));
    this.remember();
    this.refresh();
  },

  key(event) {
    const onField = ["INPUT", "SELECT"].includes(event.target.tagName);
    const row = this.scene.acts[0].shape.at(-1);
    const zoom = { "+": () => this.act("plus"), "=": () => this.act("plus"), "-": () => this.act("minus") };
    const leaves = { PageDown: () => this.leaf(1), PageUp: () => this.leaf(-1), Escape: () => this.release() };
    const walk = {
      ArrowRight: () => this.walk(0, 1),
      ArrowLeft: () => this.walk(0, -1),
      ArrowDown: () => this.walk(1, 0),
      ArrowUp: () => this.walk(-1, 0),
      Enter: () => this.pick(this.target),
    };
    const play = {
      " ": () => this.act("play"),
      ArrowRight: () => this.act("forward"),
      ArrowLeft: () => this.act("back"),
      ArrowDown: () => this.seek(this.tick + row * (this.level === "term" ? this.scene.acts[0].termCount : 1)),
      ArrowUp: () => this.seek(this.tick - row * (this.level === "term" ? this.scene.acts[0].termCount : 1)),
      Home: () => this.act("first"),
      End: () => this.act("last"),
      m: () => this.act("level", this.level === "output" ? "term" : "output"),
      e: () => this.editFirst(),
      ",": () => this.act("speed", this.nextSpeed(-1)),
      ".": () => this.act("speed", this.nextSpeed(1)),
    };
    const keys = { ...zoom, ...leaves, ...(this.scene.options.pick ? walk : play) };
    const handler = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!handler || event.ctrlKey || event.metaKey || event.altKey) {
      if (!onField) event.stopPropagation(); // R and C are shortcuts of the page around the stage
      return;
    }
    if (onField && event.key !== "Escape") return;
    if (event.target.tagName === "BUTTON" && event.key === " ") return;
    event.preventDefault();
    event.stopPropagation();
    handler();
  },

  /** Where nothing plays, the arrows go from cell to cell, and Enter picks. */
  walk(down, right) {
    const panel = this.scene.byName.get(this.target?.panel ?? this.scene.acts[0].arithmetic.result);
    const { rows, cols } = panel.view;
    const cell = this.target?.cell ?? this.placeOf(locate(this.scene, this.step)).slice(1);
    const to = (position, by, axis) => Math.max(0, Math.min(panel.shape[axis] - 1, position + by));
    const next = [...cell];
    next[rows] = to(next[rows], down, rows);
    next[cols] = to(next[cols], right, cols);
    this.pinned = null;
    this.point({ panel: panel.name, cell: next });
  },

  pick(target) {
    if (!target) return;
    this.send("pick", { ...target, at: (this.picks = (this.picks ?? 0) + 1) });
    this.pinned = target;
    this.refresh();
  },

  nextSpeed(by) {
    return SPEEDS[Math.max(0, Math.min(SPEEDS.length - 1, SPEEDS.indexOf(this.speed) + by))];
  },

  leaf(by) {
    for (const name of this.leaves.keys()) {
      const grid = this.grids.get(name);
      if (grid) this.slices.set(name, Math.max(0, Math.min(grid.slices - 1, focusSlice(this.view, grid) + by)));
    }
    this.refresh();
  },

  editFirst() {
    const panel = this.scene.panels.find((each) => each.edit === "type");
    const relation = panel && this.attention.act.relations.get(panel.name);
    // The first of those that are seen: of several kernels it is the step's own.
    if (relation) this.editor.start(panel, termCells(this.attention.act, relation, this.attention.index)[0]);
    else if (panel) this.editor.start(panel, panel.shape.map(() => 0));
  },
};
