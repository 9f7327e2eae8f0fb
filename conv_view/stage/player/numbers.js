// Numbers as text: as many digits as help, real minus signs, and all digits on request.

const SAMPLE = 4096;
export const MOST_TYPED = 1e6;

/** How many decimals an array wants: none for whole numbers, else about three digits of its largest value. */
export function decimalsFor(values) {
  const stride = Math.max(1, Math.floor(values.length / SAMPLE));
  let largest = 0;
  let whole = true;
  for (let i = 0; i < values.length; i += stride) {
    const value = Math.abs(values[i]);
    if (!Number.isFinite(value)) continue;
    if (value > largest) largest = value;
    if (whole && !Number.isInteger(value)) whole = false;
  }
  if (whole) return 0;
  const enough = decimalsOf(largest);
  for (let decimals = 1; decimals < enough + 2 && decimals <= 3; decimals += 1) {
    if (exactAt(values, stride, decimals)) return decimals;
  }
  return enough;
}

/** Whether this many decimals write every value without rounding. */
function exactAt(values, stride, decimals) {
  for (let i = 0; i < values.length; i += stride) {
    if (Math.fround(Number(values[i].toFixed(decimals))) !== Math.fround(values[i])) return false;
  }
  return true;
}

export function decimalsOf(largest) {
  if (largest === 0) return 2;
  if (largest >= 10) return 1;
  return Math.max(2, Math.min(6, 2 - Math.floor(Math.log10(largest))));
}

export function show(value, decimals) {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  // What is whole is written whole; a fraction that only rounds to one keeps its decimals.
  if (Number.isInteger(value)) return String(value).replace("-", "−");
  let text = value.toFixed(decimals);
  if (Number(text) === 0) text = text.replace("-", "");
  return text.replace("-", "−");
}

/** A number among others of its kind: all of a panel are written with the same decimals, and a zero as none. */
export function aligned(value, decimals) {
  if (value === 0) return "0";
  return Number.isFinite(value) && Number.isInteger(value) ? value.toFixed(decimals).replace("-", "−") : show(value, decimals);
}

/** A fraction as short as it can be written: without its leading zero. */
export function pointed(text) {
  return text.replace(/^(−?)0\./, "$1.");
}

/** About how wide a number is, in sizes of its print: a point takes half the room of a digit. */
export function widthOf(text) {
  return [...text].reduce((sum, sign) => sum + (sign === "." ? 0.27 : 0.54), 0);
}

/** A whole number as an exponent. */
export function raised(digits) {
  return [...digits].map((digit) => (digit === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit])).join("");
}

/** A number of any size in three figures, with a power of ten where zeros would have to be counted. */
export function brief(value) {
  if (!Number.isFinite(value) || value === 0) return show(value, 0);
  const [digits, power] = value.toExponential(2).split("e");
  if (power >= -3 && power < 5) return String(Number(value.toPrecision(3))).replace("-", "−");
  return `${Number(digits)}·10${raised(String(Number(power)))}`.replace("-", "−");
}

/** The shortest text that reads back as the same float32 (or, where it is not one, the same float64). */
export function exact(value) {
  if (!Number.isFinite(value)) return show(value, 0);
  if (Math.fround(value) !== value) return String(value).replace("-", "−");
  for (let digits = 1; digits <= 9; digits += 1) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === value) return String(Number(text)).replace("-", "−");
  }
  return String(value).replace("-", "−");
}

/** A number that a reader typed: full-width digits, a comma as the decimal sign and fractions are understood. */
export function parse(text) {
  const plain = text
    .trim()
    .normalize("NFKC")
    .replace(/[−–]/g, "-")
    .replace(",", ".");
  const fraction = /^([+-]?[\d.]+)\s*\/\s*([\d.]+)$/.exec(plain);
  if (fraction) return finite(Number(fraction[1]) / Number(fraction[2]));
  return plain === "" ? null : finite(Number(plain));
}

function finite(value) {
  return Number.isFinite(value) && Math.abs(value) <= MOST_TYPED ? Math.fround(value) : null;
}

/** Fill `{name}` in a sentence. */
export function fill(template, numbers) {
  return template.replace(/\{(\w+)\}/g, (whole, name) => (name in numbers ? numbers[name] : whole));
}
