// Colours: the theme as the page has it, the scales of values, ink that can be read on a fill.

const STEPS = 256;

/** Read the page's theme from its CSS variables; `host` is any element of the page. */
export function themeOf(host) {
  const style = getComputedStyle(host);
  const read = (name, otherwise) => style.getPropertyValue(name).trim() || otherwise;
  const preferDark = globalThis.matchMedia?.("(prefers-color-scheme: dark)").matches;
  const background = read("--st-background-color", preferDark ? "#14171c" : "#fdfdfb");
  const dark = luminance(toRgb(background)) < 0.3;
  return {
    dark,
    background,
    raised: read("--st-secondary-background-color", dark ? "#1f242b" : "#f2f2ee"),
    text: read("--st-text-color", dark ? "#e8e6e1" : "#22252a"),
    primary: read("--st-primary-color", PALETTE.roles.window),
    font: read("--st-font", "system-ui, sans-serif"),
    faint: dark ? "rgba(255,255,255,0.14)" : "rgba(0,0,0,0.12)",
    quiet: dark ? "rgba(255,255,255,0.68)" : "rgba(0,0,0,0.62)",
  };
}

export function sameTheme(one, other) {
  return Boolean(one) && Object.keys(one).every((key) => one[key] === other[key]);
}

export function roleColour(role) {
  return PALETTE.roles[role] ?? PALETTE.roles.plain;
}

/** White or black, whichever stands out more from a role's colour: the thin casing of its outline. */
export function casingOf(colour) {
  const light = luminance(toRgb(colour));
  return 1.05 / (light + 0.05) > (light + 0.05) / 0.05 ? "#ffffff" : "#0b0d10";
}

export function toRgb(colour) {
  if (colour.startsWith("#")) {
    const digits = colour.slice(1);
    const full = digits.length < 6 ? [...digits].map((digit) => digit + digit).join("") : digits;
    return [0, 2, 4].map((at) => parseInt(full.slice(at, at + 2), 16));
  }
  return (colour.match(/[\d.]+/g) ?? [0, 0, 0]).slice(0, 3).map(Number);
}

export function luminance(rgb) {
  const [r, g, b] = rgb.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Black or white: one of them has a contrast of 4.58 or more with any colour. */
export function inkOn(rgb) {
  return luminance(rgb) > 0.179 ? "#000000" : "#ffffff";
}

function toOklab(rgb) {
  const [r, g, b] = rgb.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

function fromOklab([lightness, a, b]) {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ].map((part) => {
    const share = part <= 0.0031308 ? 12.92 * part : 1.055 * part ** (1 / 2.4) - 0.055;
    return Math.round(255 * Math.max(0, Math.min(1, share)));
  });
}

const tables = new Map();

/** 256 colours of a scale; `channel` picks the tint of a red, green or blue slice. */
export function table(kind, dark, channel) {
  const key = `${kind} ${dark} ${channel}`;
  if (!tables.has(key)) tables.set(key, makeTable(kind, dark, channel));
  return tables.get(key);
}

function makeTable(kind, dark, channel) {
  const colours = new Uint8ClampedArray(STEPS * 3);
  const stopsOf = (name) => PALETTE[name][dark ? "dark" : "light"].map((stop) => toOklab(toRgb(stop)));
  const between = (one, other, share) => fromOklab(one.map((part, at) => part + (other[at] - part) * share));
  const stops = stopsOf(kind === "counts" ? "counts" : "diverging");
  for (let i = 0; i < STEPS; i += 1) {
    let rgb = [i, i, i];
    if (kind === "channels") rgb = rgb.map((part, at) => (at === channel % 3 ? part : part * 0.12));
    if (kind === "counts") rgb = between(stops[0], stops[1], i / (STEPS - 1));
    if (kind === "diverging") {
      // An odd number of entries below and above: entry 128 is the neutral colour, which zero must have.
      const share = Math.max(-1, Math.min(1, (i - 128) / 127));
      rgb = between(stops[1], share < 0 ? stops[0] : stops[2], Math.abs(share));
    }
    colours.set(rgb, i * 3);
  }
  return colours;
}

/** The entry of a 256-colour table for a value, or -1 where the value is no number. */
export function entryOf(value, scale) {
  const [kind, low, high] = scale;
  if (Number.isNaN(value)) return -1;
  if (kind === "diverging") return Math.round(128 + 127 * Math.max(-1, Math.min(1, value / high)));
  return Math.round(255 * Math.max(0, Math.min(1, (value - low) / (high - low || 1))));
}

export function colourOf(value, scale, dark, channel = 0) {
  const entry = entryOf(value, scale);
  if (entry < 0) return toRgb(PALETTE.roles.wrong);
  const colours = table(scale[0], dark, channel);
  return [colours[entry * 3], colours[entry * 3 + 1], colours[entry * 3 + 2]];
}
