// What Python cannot see of the turnable surfaces: where the reader has turned them, and which theme is shown.
// Streamlit draws a chart anew whenever its data change; the new one then begins where the old one was left.

const watched = new WeakSet();
let report = () => {};

function watch(within) {
  for (const chart of document.querySelectorAll(`${within} .js-plotly-plot`)) {
    if (watched.has(chart) || !chart.on) continue;
    watched.add(chart);
    chart.on("plotly_relayout", (change) => {
      const eye = change["scene.camera"]?.eye;
      if (eye) report("eye", [eye.x, eye.y, eye.z]);
    });
  }
}

function isDark(host) {
  const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  pen.fillStyle = getComputedStyle(host).getPropertyValue("--st-background-color").trim() || "white";
  pen.fillRect(0, 0, 1, 1);
  const [red, green, blue] = pen.getImageData(0, 0, 1, 1).data;
  return 0.299 * red + 0.587 * green + 0.114 * blue < 128;
}

export default function ({ parentElement, data, setStateValue }) {
  report = setStateValue;
  const dark = isDark(parentElement.host ?? parentElement);
  if (dark !== data.dark) setStateValue("dark", dark);
  watch(data.within);
  const observer = new MutationObserver(() => watch(data.within));
  observer.observe(document.body, { childList: true, subtree: true });
  return () => observer.disconnect();
}
