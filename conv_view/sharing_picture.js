// One hidden number in three networks: what it reads, the weights it reads with, and itself among its 144.
// Pointing at a number of any of them shows the one at that place in all; a click pins it, and tells Python.
const ACROSS = 12, SIDE = 28, STRIDE = 2, WINDOW = 5;
const known = new WeakMap();

const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
const rgb = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
const written = (value) => value.toFixed(3).replace("-", "−");

// Between the middle colour and that of the sign, by how large a value is.
function tint(ends, share) {
  const [low, middle, high] = ends, end = share < 0 ? low : high, size = Math.min(1, Math.abs(share));
  return middle.map((from, at) => Math.round(from + (end[at] - from) * size));
}

function cells(canvas, side, colour) {
  const size = canvas.width / side, context = canvas.getContext("2d");
  for (let row = 0; row < side; row++)
    for (let column = 0; column < side; column++) {
      context.fillStyle = `rgb(${colour(row * side + column)})`;
      const [x, y] = [Math.round(column * size), Math.round(row * size)];
      context.fillRect(x, y, Math.round((column + 1) * size) - x, Math.round((row + 1) * size) - y);
    }
  return { context, size };
}

function outline(context, x, y, width, height, colour) {
  context.lineJoin = "round";
  for (const [line, stroke] of [[9, "#fff"], [5, colour]]) {
    context.lineWidth = line;
    context.strokeStyle = stroke;
    const inside = Math.max(0, 3 - Math.min(x, y, context.canvas.width - x - width));
    context.strokeRect(x + inside, y + inside, width - 2 * inside, height - 2 * inside);
  }
}

function draw(held) {
  const { data, root } = held, [row, column] = held.over ?? held.cell, at = row * ACROSS + column;
  const ends = data.diverging.map(rgb);
  data.nets.forEach((net, place) => {
    const own = root.children[place], whole = net.side === SIDE, set = net.most.length > 1 ? at : 0;
    const inWindow = (cell) => {
      const [y, x] = [Math.floor(cell / SIDE) - STRIDE * row, (cell % SIDE) - STRIDE * column];
      return whole || (y >= 0 && y < WINDOW && x >= 0 && x < WINDOW);
    };
    // What is not read is drawn towards the paper.
    const paper = data.dark ? 40 : 232;
    const read = cells(own.querySelector(".reads canvas"), SIDE, (cell) => {
      const grey = data.dark ? held.digit[cell] : 255 - held.digit[cell];
      const shown = inWindow(cell) ? grey : Math.round(paper + 0.3 * (grey - paper));
      return [shown, shown, shown];
    });
    const [x, y, size] = whole ? [0, 0, SIDE] : [STRIDE * column, STRIDE * row, WINDOW];
    outline(read.context, x * read.size, y * read.size, size * read.size, size * read.size, data.window);
    const taken = net.numbers.subarray(set * net.side ** 2, (set + 1) * net.side ** 2);
    cells(own.querySelector(".by canvas"), net.side, (cell) => tint(ends, taken[cell] / 127));
    const made = cells(own.querySelector(".makes canvas"), ACROSS, (cell) => tint(ends, net.values[cell] / net.largest));
    outline(made.context, column * made.size, row * made.size, made.size, made.size, "#009E73");
    const { most, biases, values } = net;
    own.querySelector(".told").innerHTML = net.told
      .replaceAll("{row}", row).replaceAll("{column}", column)
      .replace("{top}", STRIDE * row).replace("{bottom}", STRIDE * row + WINDOW - 1)
      .replace("{left}", STRIDE * column).replace("{right}", STRIDE * column + WINDOW - 1)
      .replace("{most}", written(most[set])).replace("{bias}", written(biases[set]))
      .replace("{value}", `<b>${written(values[at])}</b>`);
    Object.assign(own.dataset, { row, column, value: values[at], set });
  });
}

function build(held) {
  const { root, data } = held;
  root.replaceChildren(...data.nets.map((net) => {
    const own = document.createElement("div");
    own.className = "net";
    own.dataset.kind = net.kind;
    const sheets = net.most.length > 1 ? "sheets" : "single";
    own.innerHTML = `<h4><span></span><small></small></h4>
      <div class="row"><figure class="reads single"><canvas width="336" height="336"></canvas></figure><span class="sign">×</span>
      <figure class="by ${sheets}"><canvas width="336" height="336"></canvas></figure><span class="sign">→</span>
      <figure class="makes single"><canvas width="336" height="336" tabindex="0" role="img"></canvas></figure></div>
      <div class="row caps"><span></span><i></i><span></span><i></i><span></span></div><p class="told" aria-live="polite"></p>`;
    const [title, count] = own.querySelector("h4").children;
    title.textContent = net.title;
    count.textContent = net.parameters;
    [net.reads, net.by, net.makes].forEach((text, at) => { own.querySelectorAll(".caps > span")[at].textContent = text; });
    own.querySelector(".makes canvas").setAttribute("aria-label", `${net.title}: ${data.keyboard}`);
    own.querySelector(".makes canvas").title = data.keyboard;
    return own;
  }));
}

export default function ({ parentElement, data, setStateValue }) {
  const root = parentElement.querySelector(".nets");
  const held = known.get(root) ?? { root, cell: data.cell };
  const first = !known.has(root), said = JSON.stringify([data.nets[0].title, data.keyboard]);
  known.set(root, held);
  if (String(held.given) !== String(data.cell)) held.cell = held.given = data.cell; // a link, or Back
  held.tell = (cell) => setStateValue("pick", { cell, count: Date.now() });
  held.data = data;
  held.digit = bytes(data.digit);
  for (const net of data.nets) {
    net.numbers = new Int8Array(bytes(net.weights).buffer);
    net.largest = Math.max(...net.values.map(Math.abs));
  }
  if (held.said !== said) { held.said = said; build(held); }
  draw(held);
  if (!first) return;
  const place = (event) => {
    const canvas = event.target.closest?.(".makes canvas");
    if (!canvas) return null;
    const box = canvas.getBoundingClientRect(), inside = (share) => Math.max(0, Math.min(ACROSS - 1, Math.floor(share * ACROSS)));
    return [inside((event.clientY - box.top) / box.height), inside((event.clientX - box.left) / box.width)];
  };
  const over = (cell) => {
    if (String(held.over) === String(cell)) return;
    held.over = cell;
    draw(held);
  };
  const pin = (cell) => {
    held.over = null;
    held.cell = cell;
    draw(held);
    held.tell(cell);
  };
  root.addEventListener("pointermove", (event) => over(place(event)));
  root.addEventListener("pointerleave", () => over(null));
  root.addEventListener("click", (event) => { const cell = place(event); if (cell) pin(cell); });
  root.addEventListener("keydown", (event) => {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (!step || !event.target.closest(".makes canvas")) return;
    event.preventDefault();
    event.stopPropagation();
    pin(held.cell.map((value, axis) => Math.max(0, Math.min(ACROSS - 1, value + step[axis]))));
  });
}
