// Changing values in place: a text field over a kernel cell, a brush on a small input.

import { exact, parse } from "./numbers.js";
import { unravel } from "./scene.js";

/** A text field that lies over the cell being edited; every valid keystroke is reported. */
export class CellEditor {
  constructor(stage, hooks) {
    this.hooks = hooks;
    this.open = null;
    this.field = document.createElement("input");
    this.field.className = "cell-editor";
    this.field.type = "text";
    this.field.inputMode = "text";
    this.field.autocomplete = "off";
    this.field.spellcheck = false;
    this.field.hidden = true;
    stage.append(this.field);
    this.field.addEventListener("input", () => this.typed());
    this.field.addEventListener("keydown", (event) => this.key(event));
    this.field.addEventListener("blur", () => this.close());
  }

  /** Begin to edit a cell of a panel. */
  start(panel, cell) {
    const flat = cell.reduce((sum, position, axis) => sum + position * panel.strides[axis], 0);
    this.open = { name: panel.name, cell, flat, before: panel.values[flat] };
    this.field.value = exact(panel.values[flat]).replace("−", "-");
    this.field.setAttribute("aria-label", this.hooks.label(panel, cell));
    this.field.classList.remove("bad");
    this.field.hidden = false;
    this.hooks.opened(panel.name, cell);
    this.place();
    this.field.focus({ preventScroll: true });
    this.field.select();
  }

  /** Lie over the cell, wherever the panel stands now. */
  place() {
    if (!this.open) return;
    const box = this.hooks.boxOf(this.open.name, this.open.cell);
    if (!box) return;
    const width = Math.max(box.width, 52);
    const height = Math.max(box.height, 26);
    Object.assign(this.field.style, {
      left: `${box.x + (box.width - width) / 2}px`,
      top: `${box.y + (box.height - height) / 2}px`,
      width: `${width}px`,
      height: `${height}px`,
    });
  }

  typed() {
    if (/^\s*([+\-−–][.,]?|[.,])\s*$/.test(this.field.value.normalize("NFKC"))) return; // a number that is only begun
    const value = parse(this.field.value);
    this.field.classList.toggle("bad", value === null);
    this.field.setAttribute("aria-invalid", String(value === null));
    if (value === null) this.hooks.refuse(this.field.value);
    else this.hooks.change(this.open.name, this.open.flat, value);
  }

  key(event) {
    event.stopPropagation();
    if (event.key === "Escape") {
      const { name, flat, before } = this.open;
      if (!Object.is(this.hooks.panel(name).values[flat], before)) this.hooks.change(name, flat, before);
      this.leave();
    } else if (event.key === "Enter" || event.key === "Tab") {
      event.preventDefault();
      this.move(event.shiftKey ? -1 : 1, event.key === "Tab");
    } else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      event.preventDefault();
      const panel = this.hooks.panel(this.open.name);
      this.move((event.key === "ArrowUp" ? -1 : 1) * panel.shape[panel.shape.length - 1], true);
    }
  }

  /** On to the next cell in reading order; Enter on the last one is done. */
  move(by, wrap) {
    const panel = this.hooks.panel(this.open.name);
    const size = panel.values.length;
    const next = this.open.flat + by;
    if (!wrap && (next >= size || next < 0)) this.leave();
    else this.start(panel, unravel((next + size) % size, panel.shape));
  }

  leave() {
    this.field.blur();
    this.hooks.done();
  }

  close() {
    this.open = null;
    this.field.hidden = true;
    this.hooks.closed();
  }
}
