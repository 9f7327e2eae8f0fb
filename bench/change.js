// From the key to the paint: what the browser saw of one change, in its own clock.
(() => {
  const watched = { marks: null };
  let observers = [];

  // A frame is painted when a message posted from its animation callback comes back.
  const painted = (name) => {
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => {
        if (watched.marks) watched.marks[name] ??= performance.now();
      };
      channel.port2.postMessage(null);
    });
  };

  const app = () => document.querySelector("[data-testid=stApp]");
  const isRunning = () => app().dataset.testScriptState !== "notRunning";
  const isStale = () => document.querySelector("[data-stale=true], [data-testid=stSkeleton]") !== null;

  /** Watch the next change: `stages` of the player, or the `text` of an element. */
  watched.arm = ({ stages, text }) => {
    observers.forEach((observer) => observer.disconnect());
    observers = [];
    watched.marks = { key: null, sent: null, started: null, received: null, finished: null };
    const observe = (node, options, then) => {
      const observer = new MutationObserver(then);
      observer.observe(node, options);
      observers.push(observer);
    };
    for (const name of stages ?? []) {
      const player = globalThis.convscope.stages.get(name);
      if (!player) continue;
      observe(player.stage, { attributes: true, attributeFilter: ["data-scenes"] }, () => {
        watched.marks[`drawn:${name}`] ??= player.drawn;
        painted(`paint:${name}`);
      });
    }
    if (text) {
      const everything = { characterData: true, childList: true, subtree: true };
      observe(document.querySelector(text), everything, () => painted("paint:text"));
    }
    observe(app(), { attributes: true, attributeFilter: ["data-test-script-state"] }, () => {
      const now = performance.now();
      if (isRunning()) watched.marks.started ??= now;
      watched.marks.finished = isRunning() ? null : now;
    });
  };

  /** Whether the page has been settled for a while since the change; notes when it was. */
  watched.done = (quiet) => {
    const { marks } = watched;
    if (!marks || isRunning() || isStale()) {
      if (marks) marks.settled = null;
      return false;
    }
    // A run may be over before the page has shown that it began; what it painted tells then.
    const paints = Object.keys(marks).filter((name) => name.startsWith("paint:"));
    if (paints.length === 0) return false;
    const last = Math.max(...paints.map((name) => marks[name]));
    marks.settled ??= Math.max(marks.finished ?? 0, marks.unstale ?? 0, last);
    return performance.now() - marks.settled >= quiet;
  };

  // Elements that went stale are cleared after the run; noticed frame by frame.
  const look = () => {
    const { marks } = watched;
    if (marks?.key && isStale()) marks.unstale = performance.now();
    requestAnimationFrame(look);
  };

  addEventListener("keydown", (event) => {
    if (watched.marks) watched.marks.key ??= event.timeStamp;
  }, true);
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (...message) {
    if (watched.marks?.key) watched.marks.sent ??= performance.now();
    return send.apply(this, message);
  };
  addEventListener("DOMContentLoaded", () => requestAnimationFrame(look));
  globalThis.watched = watched;
})();
