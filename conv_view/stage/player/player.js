// The player: one canvas, one clock, one reader. What it shows is a function of the scene and the time.

import { decode, locate, ravel } from "./scene.js";
import { sameTheme, themeOf } from "./colour.js";
import { attend } from "./attention.js";
import { heightFor, leafRoom, layoutFor, naturalHeight } from "./layout.js";
import { Painter } from "./paint.js";
import { arrange, focusSlice } from "./frame.js";
import { tickOf, ticks } from "./clock.js";
import { Readings } from "./readings.js";
import { buildTransport, nameTransport, showTransport } from "./transport.js";
import { CellEditor } from "./editing.js";
import { nameOf, readout, sentence, sizeOf, write } from "./caption.js";
import { MOST_TYPED, fill } from "./numbers.js";
import { timeMethods } from "./time.js";
import { pointerMethods } from "./pointer.js";
import { changeMethods } from "./changes.js";

const HANDHELD = matchMedia("(max-width: 640px)"); // as in the style sheet
const PHONE = 700; // pixels of a window that is scrolled rather than fitted

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
    const style = (this.style = document.createElement("style"));
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
      refuse: (text) => this.complain(fill(this.words["player.not_a_number"], { text, most: MOST_TYPED.toLocaleString("en") })),
      opened: (panel, cell) => this.point({ panel, cell }),
      done: () => this.canvas.focus({ preventScroll: true }),
      closed: () => {
        this.written = null; // a complaint about what was typed goes with it
        this.point(null);
        this.refresh();
      },
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
    this.readings = new Readings();
    this.caption.append(this.sentence, this.digits, this.sum, this.readings.element);
    this.spoken = document.createElement("div");
    this.spoken.className = "spoken";
    this.spoken.setAttribute("aria-live", "polite");
    this.stage.append(this.transport.bar, this.caption, this.spoken);
    this.leaves = new Map();
    this.root.append(style, this.stage);
    this.listen();
    this.resizer = new ResizeObserver(() => this.resize());
    this.resizer.observe(this.stage);
    globalThis.addEventListener("resize", (this.onWindow = () => this.resize()));
  }

  /** Take a new scene, unless it is older than what the reader has typed meanwhile. */
  update(bytes) {
    // Asking for styles or sizes now would make the browser lay out a page that is just being changed.
    this.themeAsked = true;
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
    if (called) this.slices.clear();
    const place = called ? options.cell : before ? this.placeOf(before) : (kept.cell ?? options.cell);
    this.step = this.stepAt(place ?? []);
    const most = Math.max(0, locate(scene, this.step).act.termCount - 1);
    this.term = this.level === "term" ? Math.min(most, called ? 0 : (this.term ?? 0)) : null;
    this.tick = tickOf(scene, this.level, this.step, this.term ?? 0);
    this.fraction = 0;
    if (called || this.reported === undefined) this.reported = this.here();
    if (this.target && !scene.byName.has(this.target.panel)) this.target = this.pinned = null;
    if (called) this.pinned = null; // the stage was sent elsewhere, and what was pinned would hide the place
    this.remember({ token: options.token, session: options.session });
    if (options.key) stages.set(options.key, this);
    this.name();
    this.resize(true);
    const size = sizeOf(scene.byName.get(scene.acts[0].arithmetic.result));
    if (before && size !== this.size) this.grown = `${size}.`;
    this.size = size;
    // One stage on a page is enough to be heard.
    if (before && !options.pick && !this.playing) this.speak();
    this.stage.dataset.revision = String(this.revision);
    this.stage.dataset.scenes = String(Number(this.stage.dataset.scenes ?? 0) + 1);
  }

  /** The place of the step as a text, to be compared. */
  here() {
    return JSON.stringify(this.placeOf(locate(this.scene, this.step)));
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
    const spoken = { zh: "zh-CN" }[this.scene.language] ?? this.scene.language;
    // Set again, though it were the same, it would have the browser work out every style of the page anew.
    if (document.documentElement.lang !== spoken) document.documentElement.lang = spoken;
    if (this.named !== spoken) nameTransport(this.transport, this.words, String);
    this.named = spoken;
    const keys = this.scene.options.pick ? "player.keys_pick" : "player.keys";
    this.canvas.setAttribute("aria-label", `${this.scene.label}. ${this.words[keys]}`);
    this.digits.textContent = this.words["player.all_digits"];
    this.transport.ink.hidden = !this.scene.panels.some((panel) => panel.edit === "paint");
    const bare = Boolean(this.scene.options.pick);
    this.transport.bar.classList.toggle("bare", bare);
    this.transport.bar.hidden = bare && !this.scene.panels.some((panel) => this.painter.zooms(panel));
    this.caption.classList.toggle("bare", bare);
    // Where no step multiplies anything there is no deeper level to go through.
    const plain = this.scene.acts.every((act) => act.arithmetic.factors.length === 0);
    this.transport.level.hidden = plain;
    this.caption.classList.toggle("short", plain && this.scene.acts.every((act) => act.told));
    this.readings.name(this.scene);
    this.caption.classList.toggle("read", Boolean(this.scene.readings));
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

  /** Fit the canvas to its place; the height follows the window's size alone, so that nothing jumps. */
  resize(force = false) {
    const width = force && this.width ? this.width : Math.floor(this.stage.clientWidth);
    if (width === 0) {
      this.width = 0; // in a closed tab; the observer calls again when it opens, and all is laid out anew
      return;
    }
    // A phone's window grows and shrinks while it is scrolled; a change of parameters is no time to look either.
    const settled = force || (globalThis.innerWidth < PHONE && width === this.width);
    const tall = (settled && this.tall) || globalThis.innerHeight || 800;
    if (!force && width === this.width && tall === this.tall) return;
    this.tall = tall;
    let height = heightFor(this.scene, width, { width: globalThis.innerWidth, height: tall, inApp: this.host !== this.root });
    const layout = layoutFor(this.scene, width);
    if (layout === this.scene.layout.narrow) {
      // A phone scrolls, so everything gets the height it needs; in a column beside others the screen's is the limit.
      const most = globalThis.innerWidth < PHONE ? (this.scene.options.tall ?? 1.6) * tall : height;
      height = Math.max(240, Math.min(naturalHeight(this.scene, layout, width - 2), most));
    }
    this.width = width;
    this.height = Math.round(height);
    this.ratio = globalThis.devicePixelRatio || 1;
    const [across, down] = [Math.round(width * this.ratio), Math.round(this.height * this.ratio)];
    // Setting a canvas's size throws its picture away, also where it is the same.
    if (this.canvas.width !== across) this.canvas.width = across;
    if (this.canvas.height !== down) this.canvas.height = down;
    this.canvas.style.height = `${this.height}px`;
    this.grids = arrange(this.scene, width, this.height);
    for (const [name, leaf] of this.leaves) {
      const grid = this.grids.get(name);
      leaf.hidden = !grid;
      if (!grid) continue;
      const room = leafRoom(grid.box);
      Object.assign(leaf.style, {
        left: `${grid.box.x + grid.box.width - room}px`,
        top: `${grid.box.y}px`,
        width: `${room}px`,
      });
    }
    this.refresh();
  }

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
    if (this.themeAsked) this.theme = this.freshTheme();
    this.themeAsked = false;
    // Where cells are picked the pointer goes on reading after a click.
    const target = scene.options.pick ? (this.target ?? this.pinned) : (this.pinned ?? this.target);
    const current = locate(scene, this.step);
    const key = JSON.stringify([this.step, this.term, target]);
    if (this.attentionKey !== key || this.attentionScene !== scene) {
      this.attention = attend(scene, this.step, this.term, target);
      this.attentionKey = key;
      this.attentionScene = scene;
    }
    const flight = this.flightNow(current);
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
      playing: this.playing,
      words: this.words,
      glide: this.glideNow(current),
      flight,
      landed: flight === null ? current.step : current.step - 1,
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

  write(key) {
    const state = {
      playing: this.playing && !this.held,
      tick: this.tick,
      ticks: ticks(this.scene, this.level),
      speed: this.speed,
      level: this.level,
      zoom: this.zoom,
    };
    const written = JSON.stringify([key, state, Boolean(this.pinned), this.allDigits, this.allTerms, this.scene.options.revision]);
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
    if (this.scene.options.pick) {
      const { target } = this.view;
      this.sentence.textContent = target ? readout(this.scene, this.painter, this.attention, target, this.words) : (this.scene.options.hint ?? "");
      return;
    }
    this.caption.classList.remove("complaint");
    this.sentence.textContent = sentence(this.scene, this.painter, this.attention, this.words);
    this.readings.show(this.scene, this.attention);
    this.digits.setAttribute("aria-pressed", String(Boolean(this.allDigits)));
    const note = write(this.sum, this.scene, this.painter, this.attention, {
      words: this.words,
      allDigits: this.allDigits,
      allTerms: this.allTerms,
      digits: this.digits,
    });
    this.tell(note);
    this.keepRoom();
  }

  tell(note) {
    if (!note) return;
    // Beside the sentence and not above the sum, where the terms would slip away from under the pointer.
    const told = document.createElement("em");
    told.textContent = note;
    this.sentence.append(" ", told);
  }

  /** On a phone, the caption keeps the height that it has needed, so that nothing below it moves with every step. */
  keepRoom() {
    if (!HANDHELD.matches) return;
    if (this.roomy !== this.scene) this.caption.style.removeProperty("--room");
    this.roomy = this.scene;
    this.caption.style.setProperty("--room", `${Math.max(132, this.caption.offsetHeight)}px`);
  }

  complain(text) {
    clearTimeout(this.speaking);
    this.caption.classList.add("complaint");
    this.sentence.textContent = text;
    this.spoken.textContent = text;
  }

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
    globalThis.removeEventListener("resize", this.onWindow);
    this.style.remove();
    this.stage.remove();
    this.playing = false;
    const { key } = this.scene.options;
    if (stages.get(key) === this) stages.delete(key);
  }
}

Object.assign(Player.prototype, timeMethods, pointerMethods, changeMethods);

export { stages };
