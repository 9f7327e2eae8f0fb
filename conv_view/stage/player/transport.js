// The bar under the stage: play, steps, the scrubber, speed, level and zoom.

import { SPEEDS } from "./clock.js";
import { fill } from "./numbers.js";

// Drawn as paths: media glyphs render as boxes where a font lacks them.
const ICONS = {
  first: "M6 5v14M19 5 9 12l10 7z",
  back: "M17 5 7 12l10 7z",
  play: "M8 5v14l11-7z",
  pause: "M8 5v14M16 5v14",
  forward: "M7 5l10 7-10 7z",
  last: "M18 5v14M5 5l10 7-10 7z",
  plus: "M12 5v14M5 12h14",
  minus: "M5 12h14",
};

export function icon(name) {
  return `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${ICONS[name]}"/></svg>`;
}

/** Build the bar; `act` names what the reader asked for: play, first, back, forward, last, seek, ... */
export function buildTransport(act) {
  const bar = document.createElement("div");
  bar.className = "transport";
  const parts = { bar };
  const button = (name, label) => {
    const element = document.createElement("button");
    element.type = "button";
    element.innerHTML = icon(name);
    element.dataset.act = name;
    element.addEventListener("click", () => act(name));
    parts[name] = element;
    element.dataset.word = label;
    return element;
  };
  const group = (...children) => {
    const element = document.createElement("div");
    element.className = "group";
    element.append(...children);
    return element;
  };
  const select = (name) => {
    const element = document.createElement("select");
    element.dataset.word = `player.${name}`;
    element.addEventListener("change", () => act(name, element.value));
    parts[name] = element;
    return element;
  };
  parts.seek = document.createElement("input");
  parts.seek.type = "range";
  parts.seek.min = "0";
  parts.seek.step = "1";
  parts.seek.dataset.word = "player.seek";
  parts.seek.addEventListener("input", () => act("seek", Number(parts.seek.value)));
  parts.ink = document.createElement("input");
  Object.assign(parts.ink, { type: "range", min: "0", max: "255", step: "51", value: "255", className: "ink" });
  parts.ink.dataset.word = "player.ink";
  parts.ink.addEventListener("input", () => act("ink"));
  parts.count = document.createElement("span");
  parts.count.className = "count";
  bar.append(
    group(
      button("first", "player.first"),
      button("back", "player.back"),
      button("play", "player.play"),
      button("forward", "player.forward"),
      button("last", "player.last"),
    ),
    parts.seek,
    parts.count,
    group(select("speed"), select("level")),
    parts.ink,
    group(button("minus", "player.zoom_out"), button("plus", "player.zoom_in")),
  );
  bar.lastElementChild.classList.add("zoom");
  parts.play.classList.add("main");
  return parts;
}

/** Put the words of a language on the bar. */
export function nameTransport(parts, words, numberOf) {
  for (const element of Object.values(parts)) {
    const word = element.dataset?.word;
    if (!word) continue;
    element.title = words[word];
    element.setAttribute("aria-label", words[word]);
  }
  parts.speed.replaceChildren(
    ...SPEEDS.map((speed) => option(String(speed), fill(words["player.per_second"], { count: numberOf(speed) }))),
  );
  parts.level.replaceChildren(option("output", words["player.level_output"]), option("term", words["player.level_term"]));
}

function option(value, label) {
  const element = document.createElement("option");
  element.value = value;
  element.textContent = label;
  return element;
}

/** Show a state on the bar. */
export function showTransport(parts, words, state) {
  const name = state.playing ? "pause" : "play";
  if (parts.play.dataset.act !== name) {
    parts.play.dataset.act = name;
    parts.play.innerHTML = icon(name);
    parts.play.title = words[`player.${name}`];
    parts.play.setAttribute("aria-label", words[`player.${name}`]);
  }
  parts.seek.max = String(state.ticks - 1);
  parts.seek.value = String(state.tick);
  parts.seek.setAttribute("aria-valuetext", `${state.tick + 1} / ${state.ticks}`);
  parts.count.textContent = `${(state.tick + 1).toLocaleString("en")} / ${state.ticks.toLocaleString("en")}`;
  parts.count.style.minWidth = `${2 * String(state.ticks.toLocaleString("en")).length + 3}ch`;
  if (document.activeElement !== parts.speed) parts.speed.value = String(state.speed);
  parts.level.value = state.level;
  parts.minus.disabled = state.zoom <= 1;
}
