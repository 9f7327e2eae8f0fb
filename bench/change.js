// From the key to the paint: what the browser saw of one change, in its own clock.
(() => {
  const watched = { marks: null, wanted: [] };
  let observers = [];

  const mark = (name) => {
    if (watched.marks) watched.marks[name] = performance.now();
  };
  const markFirst = (name) => {
    if (watched.marks && !(name in watched.marks)) mark(name);
  };

  // A frame is painted when a message posted from its animation callback comes back.
  const painted = (name) => {
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => markFirst(name);
      channel.port2.postMessage(null);
    });
  };

  const app = () => document.querySelector("[data-testid=stApp]");
  const isRunning = () => app().dataset.testScriptState !== "notRunning";
  const isStale = () => document.querySelector("[data-stale=true], [data-testid=stSkeleton]") !== null;

  /** Watch the next change: of the scenes on `stages` of the player, or of the `text` in an element. */
  watched.arm = ({ stages = [], text = null }) => {
    observers.forEach((observer) => observer.disconnect());
    observers = [];
    watched.marks = {};
    watched.wanted = [...stages.map((name) => `paint:${name}`), ...(text ? ["paint:text"] : [])];
    const observe = (node, options, then) => {
      const observer = new MutationObserver(then);
      observer.observe(node, options);
      observers.push(observer);
    };
    for (const name of stages) {
      const { stage } = globalThis.convscope.stages.get(name);
      observe(stage, { attributes: true, attributeFilter: ["data-scenes"] }, () => painted(`paint:${name}`));
    }
    if (text) {
      const everything = { characterData: true, childList: true, subtree: true };
      observe(document.querySelector(text), everything, () => painted("paint:text"));
    }
    // A run may be so short that React never shows it; then the paint is what there is to see.
    observe(app(), { attributes: true, attributeFilter: ["data-test-script-state"] }, () => mark("state"));
  };

  /** Whether all that was waited for is painted, and the page has been settled for `quiet` milliseconds. */
  watched.done = (quiet) => {
    const { marks, wanted } = watched;
    if (!marks || !wanted.every((name) => name in marks) || isRunning() || isStale()) return false;
    return performance.now() - Math.max(...Object.values(marks)) >= quiet;
  };

  // Elements that went stale are cleared after the run; noticed frame by frame.
  const look = () => {
    if (watched.marks && "key" in watched.marks && isStale()) mark("stale");
    requestAnimationFrame(look);
  };

  addEventListener("keydown", (event) => {
    if (watched.marks) watched.marks.key ??= event.timeStamp;
  }, true);
  addEventListener("DOMContentLoaded", () => requestAnimationFrame(look));
  globalThis.watched = watched;
})();
