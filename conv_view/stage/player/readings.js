// Several ways to one result, side by side under the stage: the step's value of each, and how far they differ.

import { cellOf, valueAt } from "./scene.js";
import { exact, raised } from "./numbers.js";

export class Readings {
  constructor() {
    this.element = document.createElement("dl");
    this.element.className = "readings";
  }

  /** Set out what a scene says of each way; nothing where it has no ways to compare. */
  name(scene) {
    const readings = scene.readings ?? [];
    this.element.hidden = readings.length === 0;
    this.element.style.setProperty("--ways", String(readings.length));
    this.values = [];
    this.element.replaceChildren(
      ...readings.map((reading) => {
        const group = document.createElement("div");
        const title = document.createElement("dt");
        title.textContent = reading.title;
        const value = document.createElement("b");
        const difference = document.createElement("i");
        const text = document.createElement("dd");
        text.textContent = reading.text;
        this.values.push({ reading, value, difference });
        group.classList.toggle("refused", !reading.panel);
        if (reading.panel) title.append(" ", value, " ", difference);
        group.append(title, text);
        return group;
      }),
    );
  }

  /** Put in the numbers of the step at hand. */
  show(scene, { act, index }) {
    const read = (name) => valueAt(scene.byName.get(name), cellOf(act.relations.get(name), index, []));
    for (const { reading, value, difference } of this.values) {
      if (!reading.panel) continue;
      value.textContent = exact(read(reading.panel));
      if (reading.against) difference.textContent = `${reading.difference} ${apart(read(reading.panel), read(reading.against))}`;
    }
  }
}

/** The difference of two results, in three digits: it is rounding, and has no more. */
function apart(value, reference) {
  const difference = value - reference;
  const size = Math.abs(difference);
  const sign = difference > 0 ? "+" : "−";
  if (difference === 0 || !Number.isFinite(difference)) return exact(difference);
  if (size >= 0.001) return `${sign}${Number(size.toPrecision(3))}`;
  const [digits, power] = size.toExponential(2).split("e-");
  return `${sign}${Number(digits)}·10⁻${raised(power)}`;
}
