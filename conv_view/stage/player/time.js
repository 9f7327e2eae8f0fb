// Time: playing, seeking, stepping, and telling Python where the reader rests.

import { flightShare, glideShare, stepOf, tickOf, ticks } from "./clock.js";
import { locate } from "./scene.js";

const REPORT_AFTER = 350; // milliseconds of rest before Python hears of a step
const MOST_ZOOM = 64;

export const timeMethods = {
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
  },

  play() {
    const [first, last] = this.played();
    if (this.tick >= last) this.jump(first);
    this.pinned = this.target = null;
    this.held = false;
    this.playing = true;
    this.slices.clear();
    this.centres.clear();
    this.clock = null;
    this.refresh();
  },

  /** The first and the last tick that play: of layers, each of which is looked at by itself, those of one. */
  played() {
    if (!this.scene.links) return [0, ticks(this.scene, this.level) - 1];
    const { first, steps } = locate(this.scene, this.step).act;
    return [first, first + steps - 1].map((step) => tickOf(this.scene, this.level, step));
  },

  pause() {
    this.playing = false;
    this.fraction = 0;
    this.refresh();
    this.report();
  },

  /** Go to a tick and rest there. */
  seek(tick) {
    this.playing = false;
    this.pinned = this.target = null;
    this.slices.clear();
    this.centres.clear();
    this.jump(tick);
    this.refresh();
    this.report();
  },

  jump(tick) {
    this.tick = Math.max(0, Math.min(ticks(this.scene, this.level) - 1, Math.round(tick)));
    this.fraction = 0;
    ({ step: this.step, term: this.term } = stepOf(this.scene, this.level, this.tick));
  },

  setLevel(level) {
    const { step } = this;
    this.level = level;
    this.jump(tickOf(this.scene, level, step, 0));
  },

  setZoom(zoom) {
    this.zoom = Math.max(1, Math.min(MOST_ZOOM, zoom < 1.05 ? 1 : zoom));
    if (this.zoom === 1) this.centres.clear();
    else if (this.scene.options.pick && this.centres.size === 0) this.lookAtPart();
  },

  advance(now) {
    if (!this.playing || this.held) {
      this.clock = null;
      return;
    }
    // The first timestamp may lie before the moment of the click.
    const passed = this.clock === null ? 0 : Math.max(0, Math.min(0.25, (now - this.clock) / 1000));
    this.clock = now;
    const position = this.tick + this.fraction + passed * this.speed;
    const [, end] = this.played();
    this.jump(Math.min(end, Math.floor(position)));
    this.fraction = this.tick >= end ? 0 : position - Math.floor(position);
    if (this.tick >= end) {
      if (this.scene.options.loop) this.jump(0);
      else this.pause();
    }
  },

  glideNow({ act, index }) {
    if (!this.playing || this.held || this.level !== "output" || this.stillness()) return null;
    const share = glideShare(this.fraction, this.speed);
    const last = index.length - 1;
    if (share === 0 || index[last] + 1 >= act.shape[last]) return null;
    return { act, index: [...index.slice(0, last), index[last] + 1], share };
  },

  /** How far the cells of the step are on their way; null where the step has none that fly, or they have landed. */
  flightNow({ act }) {
    if (!act.flight || !this.playing || this.held || this.level !== "output" || this.stillness()) return null;
    return flightShare(this.fraction, this.speed);
  },

  /** Tell Python the step once the reader rests on it; never while playing. */
  report() {
    clearTimeout(this.reporting);
    this.remember();
    this.reporting = setTimeout(() => {
      if (this.playing || this.here() === this.reported) return;
      this.reported = this.here();
      this.send("view", { cell: this.placeOf(locate(this.scene, this.step)) });
    }, REPORT_AFTER);
    this.speak();
  },

  /** Say what is told and summed, once it has come to rest; what changed its size says that first. */
  speak(after = REPORT_AFTER) {
    clearTimeout(this.speaking);
    this.speaking = setTimeout(() => {
      const said = [this.grown, this.sentence.textContent, this.sum.textContent].filter(Boolean).join(" ");
      this.grown = "";
      // Setting the same again would have it read out again.
      if (said !== this.spoken.textContent) this.spoken.textContent = said;
    }, after);
  },
};
