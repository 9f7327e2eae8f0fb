// Streamlit makes a history entry whenever the query changes: a slider moved through thirty values takes
// thirty presses of Back. And what Python writes while a page is being opened still lands on the page that is
// being left. This decides which changes are worth a press of Back, the others replace the entry before, and
// it gives a page that was opened the query that Python has for it.

const PAUSE = 1000; // milliseconds; what a reader does to one control without such a pause is one step

export default function ({ data }) {
  globalThis.convscopeAddress ??= install();
  globalThis.convscopeAddress.update(data);
}

function install() {
  const push = history.pushState.bind(history);
  const replace = history.replaceState.bind(history);
  const never = { names: "", burst: 0 };
  let last = never;
  let burst = 0; // counts the reader's bursts of activity: the answers of a slow server come late
  let active = -Infinity;
  let quiet = new Set();
  let opened = { run: 0 };
  let waiting = false;
  let touched = false; // whether the reader did anything since the page was opened

  function update(data) {
    quiet = new Set(data.quiet);
    if (data.opened && data.opened.run > opened.run) {
      opened = data.opened;
      waiting = true;
      complete();
    }
  }

  // The message may come before Streamlit has put the page's path into the address, or after.
  function complete() {
    const [, page] = /([^/]*)\/*$/.exec(location.pathname);
    const arrived = opened.path === "" ? page !== opened.left : page === opened.path;
    if (!waiting || !arrived) return;
    waiting = false;
    replace(history.state, "", location.pathname + (opened.query && `?${opened.query}`));
  }

  function write(state, unused, url) {
    const next = new URL(url ?? "", location.href);
    if (next.pathname !== location.pathname) {
      touched = false;
      last = never;
      push(state, unused, url);
      complete();
      return;
    }
    const names = changed(location.search, next.search).filter((name) => !quiet.has(name)).join();
    const goesOn = names === last.names && burst === last.burst;
    const joins = !touched || names === "" || goesOn;
    if (names !== "") last = { names, burst };
    (joins ? replace : push)(state, unused, url);
  }

  history.pushState = write;
  function act() {
    const time = performance.now();
    if (time - active > PAUSE) burst += 1;
    [active, touched] = [time, true];
  }

  for (const type of ["pointerdown", "pointerup", "keydown", "input", "change"]) {
    addEventListener(type, act, { capture: true, passive: true });
  }
  addEventListener("popstate", () => { [last, waiting] = [never, false]; });
  return { update };
}

function changed(before, after) {
  const [old, young] = [new URLSearchParams(before), new URLSearchParams(after)];
  return [...new Set([...old.keys(), ...young.keys()])].filter((name) => old.get(name) !== young.get(name)).sort();
}
