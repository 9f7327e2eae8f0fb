// Changes of values on the stage, and their way to Python.

const PAINT_EVERY = 600; // milliseconds between two messages while a brush is down

export const changeMethods = {
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
    if (later) this.editing = setTimeout(() => this.flush(), PAINT_EVERY);
    else this.flush();
    this.refresh();
  },

  flush() {
    clearTimeout(this.editing);
    if (!this.edited) return;
    this.send("edit", this.edited);
    this.edited = null;
  },
};
