// The player: one canvas, one clock, one reader. What it shows is a function of the scene and the time.

import { decode, inside, locate, ravel, unravel } from "./scene.js";
import { roleColour, sameTheme, themeOf } from "./colour.js";
import { attend, termCells } from "./attention.js";
import { layoutFor, naturalHeight } from "./layout.js";
import { Painter, arrange, focusSlice } from "./paint.js";
import { SPEEDS, glideShare, stepOf, tickOf, ticks } from "./clock.js";
import { buildTransport, nameTransport, showTransport } from "./transport.js";
import { CellEditor } from "./editing.js";
import { nameOf, sentence, termTarget, write } from "./caption.js";
import { fill } from "./numbers.js";

const REPORT_AFTER = 350; // milliseconds of rest before Python hears of a step
const PAINT_EVERY = 60;
const DRAG_FROM = 4; // pixels
const PHONE = 700;
const MOST_ZOOM = 64;

const players = new WeakMap();
const memory = new Map(); // what a stage keeps when Streamlit takes its element away and brings it back
const stages = new Map();

/** Show a scene in `root`; called again with every change of data or theme. */
export function mount(root, bytes, send) {
  const known = players.get(root);
  if (known) {
    known.send = send;
    known.update(bytes);
    return known;
  }
  const player = new Player(root, bytes, send);
  players.set(root, player);
  return player;
}

export function unmount(root) {
  players.get(root)?.stop();
  players.delete(root);
}

class Player {
  constructor(root, bytes, send) {
    this.root = root;
    this.send = send;
    this.host = root.host ?? root;
    this.target = null;
    this.pinned = null;
    this.held = false;
    this.playing = false;
    this.centres = new Map();
    this.slices = new Map();
    this.drawn = 0;
    this.build();
    this.update(bytes);
    if (this.scene.options.autoplay && !this.returned && !this.stillness()) this.play();
  }

  stillness() {
    return matchMedia("(prefers-reduced-motion: reduce)").matches;
  }

  build() {
    const style = document.createElement("style");
    style.textContent = PLAYER_CSS;
    this.stage = document.createElement("div");
    this.stage.className = "stage";
    this.canvas = document.createElement("canvas");
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "application");
    this.context = this.canvas.getContext("2d");
    this.stage.append(this.canvas);
    this.editor = new CellEditor(this.stage, {
      label: (panel, cell) => nameOf(panel, cell),
      boxOf: (name, cell) => this.boxOf(name, cell),
      panel: (name) => this.scene.byName.get(name),
      change: (name, flat, value) => this.change(name, [[flat, value]]),
      refuse: (text) => this.complain(fill(this.words["player.not_a_number"], { text })),
      done: () => this.canvas.focus({ preventScroll: true }),
      closed: () => this.point(null),
    });
    this.transport = buildTransport((name, value) => this.act(name, value));
    this.caption = document.createElement("div");
    this.caption.className = "caption";
    this.sentence = document.createElement("p");
    this.sentence.className = "sentence";
    this.sum = document.createElement("p");
    this.sum.className = "sum";
    this.digits = document.createElement("button");
    this.digits.type = "button";
    this.digits.className = "digits";
    this.digits.addEventListener("click", () => {
      this.allDigits = !this.allDigits;
      this.refresh();
    });
    this.caption.append(this.sentence, this.digits, this.sum);
    this.spoken = document.createElement("div");
    this.spoken.className = "spoken";
    this.spoken.setAttribute("aria-live", "polite");
    this.stage.append(this.transport.bar, this.caption, this.spoken);
    this.leaves = new Map();
    this.root.append(style, this.stage);
    this.listen();
    this.resizer = new ResizeObserver(() => this.resize());
    this.resizer.observe(this.stage);
  }

  /** Take a new scene, unless it is older than what the reader has typed meanwhile. */
  update(bytes) {
    this.theme = this.freshTheme();
    if (bytes === this.bytes) {
      this.refresh();
      return;
    }
    const scene = decode(bytes);
    const { options } = scene;
    const kept = memory.get(options.key) ?? {};
    this.returned = memory.has(options.key);
    const sameSession = kept.session === options.session;
    if (sameSession && (options.revision ?? 0) < (kept.revision ?? 0) && this.scene) return;
    this.bytes = bytes;
    const before = this.scene && locate(this.scene, this.step);
    this.scene = scene;
    this.painter = new Painter(scene);
    this.words = PLAYER_WORDS[scene.language] ?? PLAYER_WORDS.en;
    this.level = kept.level ?? this.level ?? "output";
    this.speed = kept.speed ?? this.speed ?? options.speed ?? 4;
    this.zoom = this.zoom ?? kept.zoom ?? 1;
    this.revision = sameSession ? Math.max(kept.revision ?? 0, options.revision ?? 0) : (options.revision ?? 0);
    const called = options.token !== undefined && options.token !== kept.token;
    const place = called ? options.cell : before ? this.placeOf(before) : (kept.cell ?? options.cell);
    this.step = this.stepAt(place ?? []);
    this.term = this.level === "term" ? 0 : null;
    this.tick = tickOf(scene, this.level, this.step, 0);
    this.fraction = 0;
    this.reported ??= this.step;
    if (this.target && !scene.byName.has(this.target.panel)) this.target = this.pinned = null;
    this.remember({ token: options.token, session: options.session });
    if (options.key) stages.set(options.key, this);
    this.name();
    this.resize(true);
    this.stage.dataset.revision = String(this.revision);
    this.stage.dataset.scenes = String(Number(this.stage.dataset.scenes ?? 0) + 1);
  }

  /** A step as a place in the story: the act's number, then the index in the act. It outlives new parameters. */
  placeOf({ act, index }) {
    return [Math.max(0, this.scene.acts.findIndex((each) => each.name === act.name)), ...index];
  }

  /** The step at a place; where the act has fewer steps along an axis, its last one there. */
  stepAt([number = 0, ...index]) {
    const act = this.scene.acts[Math.min(number, this.scene.acts.length - 1)];
    const place = act.shape.map((size, axis) => Math.max(0, Math.min(size - 1, index[axis] ?? 0)));
    return act.first + ravel(place, act.shape);
  }

  remember(more = {}) {
    const { key } = this.scene.options;
    if (!key) return;
    const kept = memory.get(key) ?? {};
    const { level, speed, zoom, revision } = this;
    const cell = this.placeOf(locate(this.scene, this.step));
    memory.set(key, { ...kept, ...more, cell, level, speed, zoom, revision });
  }

  freshTheme() {
    const fresh = themeOf(this.host.nodeType === 1 ? this.host : document.documentElement);
    return sameTheme(this.theme, fresh) ? this.theme : fresh;
  }

  name() {
    nameTransport(this.transport, this.words, String);
    this.canvas.setAttribute("aria-label", `${this.scene.label}. ${this.words["player.keys"]}`);
    this.digits.textContent = this.words["player.all_digits"];
    this.transport.ink.hidden = !this.scene.panels.some((panel) => panel.edit === "paint");
    const bare = Boolean(this.scene.options.pick);
    this.transport.bar.hidden = bare;
    this.caption.hidden = bare;
    for (const [, leaf] of this.leaves) leaf.remove();
    this.leaves.clear();
    for (const panel of this.scene.panels) {
      const { stack, arrange: way } = panel.view;
      if (stack === undefined || way === "strip" || panel.shape[stack] < 2) continue;
      const leaf = document.createElement("input");
      leaf.type = "range";
      leaf.className = "leaf";
      leaf.min = "0";
      leaf.max = String(panel.shape[stack] + panel.margin[stack][0] + panel.margin[stack][1] - 1);
      leaf.title = this.words["player.slice"];
      leaf.setAttribute("aria-label", `${panel.title}: ${this.words["player.slice"]}`);
      leaf.addEventListener("input", () => {
        this.slices.set(panel.name, Number(leaf.value));
        this.refresh();
      });
      this.leaves.set(panel.name, leaf);
      this.stage.append(leaf);
    }
  }

  /** Fit the canvas to its place; the height follows the width alone, so that nothing jumps. */
  resize(force = false) {
    const width = Math.floor(this.stage.clientWidth);
    if (width === 0) return; // in a closed tab; the observer calls again when it opens
    if (!force && width === this.width) return;
    const tall = globalThis.innerHeight || 800;
    const { aspect } = this.scene.options;
    let height = Math.max(270, Math.min(width * (aspect ?? 0.46), tall * 0.54));
    const layout = layoutFor(this.scene, width);
    if (layout === this.scene.layout.narrow) {
      // A phone scrolls, so everything gets the height it needs; in a column beside others the screen's is the limit.
      const most = globalThis.innerWidth < PHONE ? 1.6 * tall : height;
      height = Math.max(240, Math.min(naturalHeight(this.scene, layout, width - 2), most));
    }
    this.width = width;
    this.height = Math.round(height);
    this.ratio = globalThis.devicePixelRatio || 1;
    this.canvas.width = Math.round(width * this.ratio);
    this.canvas.height = Math.round(this.height * this.ratio);
    this.canvas.style.height = `${this.height}px`;
    this.grids = arrange(this.scene, width, this.height);
    for (const [name, leaf] of this.leaves) {
      const grid = this.grids.get(name);
      leaf.hidden = !grid;
      if (!grid) continue;
      const room = Math.min(110, grid.box.width * 0.36);
      Object.assign(leaf.style, {
        left: `${grid.box.x + grid.box.width - room}px`,
        top: `${grid.box.y}px`,
        width: `${room}px`,
      });
    }
    this.refresh();
  }

  // ---- time

  act(name, value) {
    const jump = {
      first: () => this.seek(0),
      last: () => this.seek(ticks(this.scene, this.level) - 1),
      back: () => this.seek(this.tick - 1),
      forward: () => this.seek(this.tick + 1),
      seek: () => this.seek(value),
      play: () => (this.playing ? this.pause() : this.play()),
      speed: () => {
        this.speed = Number(value);
      },
      level: () => this.setLevel(value),
      plus: () => this.setZoom(this.zoom * 1.6),
      minus: () => this.setZoom(this.zoom / 1.6),
      ink: () => {},
    };
    jump[name]();
    this.remember();
    this.refresh();
  }

  play() {
    if (this.tick >= ticks(this.scene, this.level) - 1) this.jump(0);
    this.pinned = this.target = null;
    this.held = false;
    this.playing = true;
    this.slices.clear();
    this.centres.clear();
    this.clock = null;
    this.refresh();
  }

  pause() {
    this.playing = false;
    this.fraction = 0;
    this.refresh();
    this.report();
  }

  /** Go to a tick and rest there. */
  seek(tick) {
    this.playing = false;
    this.pinned = this.target = null;
    this.slices.clear();
    this.centres.clear();
    this.jump(tick);
    this.refresh();
    this.report();
  }

  jump(tick) {
    this.tick = Math.max(0, Math.min(ticks(this.scene, this.level) - 1, Math.round(tick)));
    this.fraction = 0;
    ({ step: this.step, term: this.term } = stepOf(this.scene, this.level, this.tick));
  }

  setLevel(level) {
    const { step } = this;
    this.level = level;
    this.jump(tickOf(this.scene, level, step, 0));
  }

  setZoom(zoom) {
    this.zoom = Math.max(1, Math.min(MOST_ZOOM, zoom < 1.05 ? 1 : zoom));
    if (this.zoom === 1) this.centres.clear();
  }

  advance(now) {
    if (!this.playing || this.held) {
      this.clock = null;
      return;
    }
    // The first timestamp may lie before the moment of the click.
    const passed = this.clock === null ? 0 : Math.max(0, Math.min(0.25, (now - this.clock) / 1000));
    this.clock = now;
    const position = this.tick + this.fraction + passed * this.speed;
    const end = ticks(this.scene, this.level) - 1;
    this.jump(Math.min(end, Math.floor(position)));
    this.fraction = this.tick >= end ? 0 : position - Math.floor(position);
    if (this.tick >= end) {
      if (this.scene.options.loop) this.jump(0);
      else this.pause();
    }
  }

  /** Tell Python the step once the reader rests on it; never while playing. */
  report() {
    clearTimeout(this.reporting);
    this.remember();
    this.reporting = setTimeout(() => {
      if (this.playing || this.step === this.reported) return;
      this.reported ??= this.step;
      this.send("view", { cell: this.placeOf(locate(this.scene, this.step)) });
    }, REPORT_AFTER);
    this.speak();
  }

  speak() {
    clearTimeout(this.speaking);
    this.speaking = setTimeout(() => {
      this.spoken.textContent = `${this.sentence.textContent} ${this.sum.textContent}`.trim();
    }, REPORT_AFTER);
  }

  // ---- drawing

  /** Ask for a frame; nothing is drawn while nothing changes. */
  refresh() {
    if (this.pending || !this.width) return;
    this.pending = requestAnimationFrame((now) => {
      this.pending = null;
      this.advance(now);
      this.frame();
      if (this.playing && !this.held) this.refresh();
    });
  }

  frame() {
    const { scene } = this;
    const target = this.pinned ?? this.target;
    const current = locate(scene, this.step);
    const key = JSON.stringify([this.step, this.term, target]);
    if (this.attentionKey !== key || this.attentionScene !== scene) {
      this.attention = attend(scene, this.step, this.term, target);
      this.attentionKey = key;
      this.attentionScene = scene;
    }
    this.view = {
      width: this.width,
      height: this.height,
      ratio: this.ratio,
      theme: this.theme,
      grids: this.grids,
      zoom: this.zoom,
      centres: this.centres,
      slices: this.slices,
      attention: this.attention,
      followed: target ? { act: current.act, index: current.index } : null,
      current,
      target,
      still: Boolean(scene.options.pick),
      glide: this.glideNow(current),
    };
    this.context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    this.painter.draw(this.context, this.view);
    for (const [name, leaf] of this.leaves) {
      const grid = this.grids.get(name);
      if (grid && document.activeElement !== leaf) leaf.value = String(focusSlice(this.view, grid));
    }
    this.editor.place();
    this.write(key);
    this.drawn += 1;
  }

  glideNow({ act, index }) {
    if (!this.playing || this.held || this.level !== "output" || this.stillness()) return null;
    const share = glideShare(this.fraction, this.speed);
    const last = index.length - 1;
    if (share === 0 || index[last] + 1 >= act.shape[last]) return null;
    return { act, index: [...index.slice(0, last), index[last] + 1], share };
  }

  write(key) {
    const state = {
      playing: this.playing && !this.held,
      tick: this.tick,
      ticks: ticks(this.scene, this.level),
      speed: this.speed,
      level: this.level,
      zoom: this.zoom,
    };
    const written = JSON.stringify([key, state, this.allDigits, this.scene.options.revision]);
    if (written === this.written && this.writtenScene === this.scene) return;
    this.written = written;
    this.writtenScene = this.scene;
    showTransport(this.transport, this.words, state);
    Object.assign(this.stage.dataset, {
      step: String(this.step),
      term: this.term === null ? "" : String(this.term),
      steps: String(this.scene.steps),
      playing: String(state.playing),
      pinned: String(Boolean(this.pinned)),
    });
    if (this.scene.options.pick) return;
    this.caption.classList.remove("complaint");
    this.sentence.textContent = sentence(this.scene, this.painter, this.attention, this.words);
    this.digits.setAttribute("aria-pressed", String(Boolean(this.allDigits)));
    write(this.sum, this.scene, this.painter, this.attention, {
      words: this.words,
      allDigits: this.allDigits,
      digits: this.digits,
    });
  }

  complain(text) {
    this.caption.classList.add("complaint");
    this.sentence.textContent = text;
    this.spoken.textContent = text;
  }

  // ---- what a pointer and keys do

  listen() {
    const { canvas } = this;
    canvas.addEventListener("pointermove", (event) => this.moved(event));
    canvas.addEventListener("pointerdown", (event) => this.pressed(event));
    canvas.addEventListener("pointerup", (event) => this.released(event));
    canvas.addEventListener("pointercancel", () => {
      this.press = null;
    });
    canvas.addEventListener("pointerleave", () => {
      if (!this.press) this.point(null);
    });
    canvas.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    canvas.addEventListener("touchmove", (event) => this.press?.painting && event.preventDefault(), { passive: false });
    this.stage.addEventListener("keydown", (event) => this.key(event));
    this.sum.addEventListener("pointerover", (event) => {
      const span = event.target.closest?.("[data-term]");
      if (span && !this.pinned) this.point(termTarget(this.scene, this.attention.act, span));
    });
    this.sum.addEventListener("pointerleave", () => !this.editor.open && this.point(null));
  }

  at(event) {
    const box = this.canvas.getBoundingClientRect();
    if (!this.view) return null;
    return this.painter.hit(this.view, event.clientX - box.left, event.clientY - box.top);
  }

  /** Light what a cell is tied to; playing holds while the pointer rests on a cell. */
  point(target) {
    if (JSON.stringify(target) === JSON.stringify(this.target)) return;
    this.target = target;
    this.held = this.playing && target !== null;
    if (!this.playing && target && !this.pinned) this.speak();
    this.refresh();
  }

  moved(event) {
    if (this.press) {
      this.dragged(event);
      return;
    }
    if (event.pointerType === "touch" || this.editor.open) return;
    const hit = this.at(event);
    this.canvas.style.cursor = this.cursorFor(hit);
    this.point(hit && { panel: hit.panel, cell: hit.cell });
  }

  cursorFor(hit) {
    if (!hit) return "default";
    const panel = this.scene.byName.get(hit.panel);
    if (panel.edit === "type" && inside(panel, hit.cell)) return "text";
    if (panel.edit === "paint" && inside(panel, hit.cell)) return "crosshair";
    return "pointer";
  }

  pressed(event) {
    const hit = this.at(event);
    this.canvas.focus({ preventScroll: true });
    const panel = hit && this.scene.byName.get(hit.panel);
    const painting = Boolean(panel && panel.edit === "paint" && inside(panel, hit.cell) && !event.shiftKey);
    this.press = { x: event.clientX, y: event.clientY, hit, painting, moved: false };
    if (!painting) return;
    this.canvas.setPointerCapture(event.pointerId);
    const now = panel.values[ravel(hit.cell, panel.shape)];
    this.press.value = now === this.brush() ? 0 : this.brush();
    this.dab(hit);
  }

  brush() {
    return Number(this.transport.ink.value);
  }

  dragged(event) {
    const { press } = this;
    if (Math.hypot(event.clientX - press.x, event.clientY - press.y) > DRAG_FROM) press.moved = true;
    const hit = this.at(event);
    if (press.painting) {
      if (hit && hit.panel === press.hit.panel) this.dab(hit);
      return;
    }
    if (!press.moved || !press.hit?.view.flat) return;
    const { view, panel: name } = press.hit;
    const from = press.centre ?? this.centres.get(name) ?? this.painter.centreOf(this.view, press.hit.grid);
    press.centre = from;
    this.centres.set(name, {
      row: from.row - (event.clientY - press.y) / view.cell.height,
      col: from.col - (event.clientX - press.x) / view.cell.width,
    });
    this.refresh();
  }

  dab(hit) {
    const panel = this.scene.byName.get(hit.panel);
    if (!inside(panel, hit.cell)) return;
    const flat = ravel(hit.cell, panel.shape);
    this.point({ panel: hit.panel, cell: hit.cell });
    if (panel.values[flat] !== this.press.value) this.change(hit.panel, [[flat, this.press.value]], true);
  }

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
  }

  clicked(hit) {
    if (!hit) {
      this.pinned = null;
      this.point(null);
      this.refresh();
      return;
    }
    const panel = this.scene.byName.get(hit.panel);
    const target = { panel: hit.panel, cell: hit.cell };
    if (this.scene.options.pick) {
      this.send("pick", { panel: hit.panel, cell: hit.cell, at: (this.picks = (this.picks ?? 0) + 1) });
      this.pinned = target;
      this.refresh();
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
      this.editor.start(panel, hit.cell);
      this.refresh();
      return;
    }
    const again = JSON.stringify(this.pinned) === JSON.stringify(target);
    if (hit.panel === this.attentionActResult() && !again) {
      const { step } = attend(this.scene, this.step, null, target);
      this.playing = false;
      this.jump(tickOf(this.scene, this.level, step, 0));
      this.report();
    }
    this.pinned = again ? null : target;
    this.held = this.playing && Boolean(this.pinned);
    this.refresh();
    this.speak();
  }

  attentionActResult() {
    return this.attention.act.arithmetic.result;
  }

  wheel(event) {
    if (!event.ctrlKey && !event.metaKey) return; // plain scrolling belongs to the page
    event.preventDefault();
    const hit = this.at(event);
    if (hit && !this.centres.has(hit.panel) && hit.grid.panel.view) {
      const { rows, cols } = hit.grid.panel.view;
      const margin = hit.grid.panel.margin;
      this.centres.set(hit.panel, { row: hit.cell[rows] + margin[rows][0], col: hit.cell[cols] + margin[cols][0] });
    }
    this.setZoom(this.zoom * Math.exp(-event.deltaY / 240));
    this.remember();
    this.refresh();
  }

  key(event) {
    const onField = ["INPUT", "SELECT"].includes(event.target.tagName);
    const row = this.scene.acts[0].shape.at(-1);
    const keys = {
      " ": () => this.act("play"),
      ArrowRight: () => this.act("forward"),
      ArrowLeft: () => this.act("back"),
      ArrowDown: () => this.seek(this.tick + row * (this.level === "term" ? this.scene.acts[0].termCount : 1)),
      ArrowUp: () => this.seek(this.tick - row * (this.level === "term" ? this.scene.acts[0].termCount : 1)),
      Home: () => this.act("first"),
      End: () => this.act("last"),
      "+": () => this.act("plus"),
      "=": () => this.act("plus"),
      "-": () => this.act("minus"),
      m: () => this.act("level", this.level === "output" ? "term" : "output"),
      e: () => this.editFirst(),
      ",": () => this.act("speed", this.nextSpeed(-1)),
      ".": () => this.act("speed", this.nextSpeed(1)),
      PageDown: () => this.leaf(1),
      PageUp: () => this.leaf(-1),
      Escape: () => {
        this.pinned = null;
        this.point(null);
      },
    };
    const handler = keys[event.key];
    if (!handler || event.ctrlKey || event.metaKey || event.altKey) {
      if (!onField) event.stopPropagation(); // R and C are shortcuts of the page around the stage
      return;
    }
    if (onField && event.key !== "Escape") return;
    if (event.target.tagName === "BUTTON" && event.key === " ") return;
    event.preventDefault();
    event.stopPropagation();
    handler();
  }

  nextSpeed(by) {
    return SPEEDS[Math.max(0, Math.min(SPEEDS.length - 1, SPEEDS.indexOf(this.speed) + by))];
  }

  leaf(by) {
    for (const name of this.leaves.keys()) {
      const grid = this.grids.get(name);
      if (grid) this.slices.set(name, Math.max(0, Math.min(grid.slices - 1, focusSlice(this.view, grid) + by)));
    }
    this.refresh();
  }

  editFirst() {
    const panel = this.scene.panels.find((each) => each.edit === "type");
    if (panel) this.editor.start(panel, unravel(0, panel.shape));
  }

  // ---- editing

  /** Change values here at once, and tell Python; its answer carries the revision back. */
  change(name, changes, later = false) {
    const panel = this.scene.byName.get(name);
    const values = Float32Array.from(panel.values);
    for (const [flat, value] of changes) values[flat] = value;
    panel.values = values;
    this.painter.forget(name);
    this.attentionKey = this.written = null;
    this.revision += 1;
    this.remember();
    this.edited = { panel: name, values: [...values], shape: panel.shape, revision: this.revision };
    clearTimeout(this.editing);
    if (later) this.editing = setTimeout(() => this.flush(), PAINT_EVERY * 10);
    else this.flush();
    this.refresh();
  }

  flush() {
    clearTimeout(this.editing);
    if (!this.edited) return;
    this.send("edit", this.edited);
    this.edited = null;
  }

  // ---- for tests and for scripts in a page

  boxOf(name, cell) {
    const grid = this.grids?.get(name);
    if (!grid || !this.view) return null;
    return this.painter.boxOf(grid, this.painter.viewOf(this.view, grid), cell);
  }

  /** The middle of a cell in coordinates of the window, for pointing at it. */
  where(name, cell) {
    const box = this.boxOf(name, cell);
    const canvas = this.canvas.getBoundingClientRect();
    return { x: canvas.left + box.x + box.width / 2, y: canvas.top + box.y + box.height / 2 };
  }

  /** What is lit on a panel, as cells. */
  litOn(name) {
    return this.attention.lit.get(name) ?? [];
  }

  stop() {
    cancelAnimationFrame(this.pending);
    clearTimeout(this.reporting);
    clearTimeout(this.speaking);
    this.flush();
    this.resizer.disconnect();
    this.playing = false;
    const { key } = this.scene.options;
    if (stages.get(key) === this) stages.delete(key);
  }
}

export { stages, roleColour, termCells };
