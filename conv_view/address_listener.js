// Streamlit pushes a history entry whenever the query changes. As it comes, a slider moved through
// thirty values takes thirty presses of Back, and a page that is opened with remembered values takes two.
// This decides which of those entries are worth a press of Back; the others replace the one before.

const PAUSE = 1000; // milliseconds; changes of one control that follow each other faster are one step

export default function ({ data }) {
  globalThis.convscopeAddress ??= install();
  globalThis.convscopeAddress.quiet = new Set(data.quiet);
}

function install() {
  const address = { quiet: new Set() };
  const push = history.pushState.bind(history);
  const replace = history.replaceState.bind(history);
  let last = { names: "", time: -Infinity };
  // Whether the reader did anything since this page was opened: what is written before that belongs to opening.
  let touched = true;

  history.pushState = (state, unused, url) => {
    const next = new URL(url ?? "", location.href);
    if (next.pathname !== location.pathname) {
      touched = false;
      last = { names: "", time: -Infinity };
      return push(state, unused, url);
    }
    const names = changed(location.search, next.search).filter((name) => !address.quiet.has(name)).join();
    const time = performance.now();
    const goesOn = names === last.names && time - last.time < PAUSE;
    const joins = !touched || names === "" || goesOn;
    if (names !== "") last = { names, time };
    return (joins ? replace : push)(state, unused, url);
  };

  for (const type of ["pointerdown", "keydown", "input", "change"]) {
    addEventListener(type, () => { touched = true; }, { capture: true, passive: true });
  }
  addEventListener("popstate", () => { last = { names: "", time: -Infinity }; });
  return address;
}

function changed(before, after) {
  const [old, young] = [new URLSearchParams(before), new URLSearchParams(after)];
  return [...new Set([...old.keys(), ...young.keys()])].filter((name) => old.get(name) !== young.get(name)).sort();
}
