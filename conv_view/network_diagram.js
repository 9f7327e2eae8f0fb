// The picture of a network: what is clicked, or chosen with the keyboard, is told to Python by its name.
const known = new WeakMap();

const ROW = 35; // the height of a row of Streamlit's tables, and of their header

// A table whose mark was moved from here is a new one, which begins at its top: scroll to the mark once it is there.
function intoSight(table, row, tries = 120) {
  const body = document.querySelector(`.st-key-${table} .dvn-scroller`);
  if (body?.scrollHeight > body?.clientHeight || (body && tries < 60)) body.scrollTop = ROW * Math.max(0, row - 4);
  else if (tries) requestAnimationFrame(() => intoSight(table, row, tries - 1));
}

export default function ({ parentElement, data, setStateValue }) {
  const root = parentElement.querySelector(".net");
  const held = known.get(root) ?? { svg: "", count: 0 };
  held.tell = (at) => setStateValue("pick", { at, count: Date.now() });
  if (!known.has(root)) {
    known.set(root, held);
    const hit = (event) => event.target.closest(".hit");
    root.addEventListener("click", (event) => hit(event) && held.tell(hit(event).dataset.at));
    root.addEventListener("keydown", (event) => {
      const now = hit(event);
      if (!now) return;
      const all = [...root.querySelectorAll(".hit")];
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (step) all[all.indexOf(now) + step]?.focus();
      else if (event.key === "Enter" || event.key === " ") held.tell(now.dataset.at);
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
  }
  if (held.table !== data.table) {
    held.table = data.table;
    if (data.row >= 0) intoSight(data.table, data.row);
  }
  if (held.svg === data.svg) return;
  const focused = root.getRootNode().activeElement?.dataset?.at;
  const strips = () => [...root.querySelectorAll(".strip")];
  const pushed = new Map(strips().map((strip) => [strip.dataset.strip, strip.scrollLeft]));
  root.innerHTML = held.svg = data.svg;
  if (focused) root.querySelector(`[data-at="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  // On a phone the picture is wider than the window: each storey stays where it was pushed to, and what is open
  // or selected is brought into sight.
  for (const strip of strips()) {
    strip.scrollLeft = pushed.get(strip.dataset.strip) ?? 0;
    const wanted = strip.querySelector(".layer.on, .unit.open, .block.open");
    if (!wanted || strip.scrollWidth <= strip.clientWidth) continue;
    const [box, here] = [wanted.getBoundingClientRect(), strip.getBoundingClientRect()];
    if (box.left < here.left || box.right > here.right) strip.scrollLeft += box.left - here.left - here.width / 3;
  }
}
