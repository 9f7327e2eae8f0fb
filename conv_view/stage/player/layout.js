// Boxes: nested rows and columns become rectangles, panels become grids of cells in them.

const GAP = 18;
const TITLE = 20;
const FOOT = 18;
const LABELS = 20;
const EDGE = 3; // what an outline at the border needs
const MOST_CELL = 76;
const MOST_LABELLED = 120;
const LABELLED_HEIGHT = 48;
const LABELLED_NARROW = 26;
const HEADING = 26;
const NOTE = 128; // what a note in a place without panels needs on a narrow canvas
const GUTTER = 44; // what the names of a matrix's rows take
const SHORT_GUTTER = 20; // and those of one or two signs
const MOST_ROW = 38;
const NARROW_ROW = 20;
const NARROW = 620;
const SMALLEST_IN_LINE = 18;
const ROOMY_IN_LINES = 26;

// In the app: what stands above a stage (the navigation, a band of controls, a line of text), and below which
// width of the window the band takes a second line; then what stands below it, without and with a sum.
const HEAD = 218;
const WRAPPED = 76;
const WRAPS = 1200;
const BELOW = 74;
const SUM = 44;
const READ = 26; // what is read of several ways stands in more lines than a sum
const SHORTEST = 240;

/** From this height on a panel has room for its scale below it. */
export const FOOTED = 160;

/** How wide the slider is that leafs through a stack, beside the title of a panel in this box. */
export function leafRoom(box) {
  return Math.min(110, box.width * 0.36);
}

/** The layout of a scene for a canvas this wide. */
export function layoutFor(scene, width) {
  return width < NARROW && scene.layout.narrow ? scene.layout.narrow : scene.layout.wide;
}

/** Give every panel of a layout its rectangle. Rows share the width by weight; so do columns the height, but
 * on a narrow canvas each gets what its panels need. */
export function place(scene, node, box, narrow, boxes = Object.assign(new Map(), { headings: [] })) {
  const item = typeof node === "string" ? { panel: node } : node;
  if (item.title) {
    boxes.headings.push({ title: item.title, note: item.note, box });
    box = { ...box, y: box.y + HEADING, height: box.height - HEADING };
  }
  if (item.panel) {
    boxes.set(item.panel, box);
    return boxes;
  }
  const along = item.row ? "width" : "height";
  const children = item.row ?? item.column ?? []; // a place that stays empty has none
  const needs = !item.row && narrow;
  const weights = children.map((child) => (needs ? naturalHeight(scene, child, box.width) : (child.weight ?? 1)));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const room = box[along] - GAP * (children.length - 1);
  let offset = 0;
  children.forEach((child, at) => {
    const share = (room * weights[at]) / total;
    const inner = item.row
      ? { x: box.x + offset, y: box.y, width: share, height: box.height }
      : { x: box.x, y: box.y + offset, width: box.width, height: share };
    place(scene, child, inner, narrow, boxes);
    offset += share + GAP;
  });
  return boxes;
}

/** How high a canvas is in a window: the stage and its sum are seen together, whatever the parameters are. */
export function heightFor(scene, width, window) {
  const wraps = window.width < WRAPS ? WRAPPED : 0;
  const sum = scene.acts.some((act) => act.arithmetic.factors.length > 0) ? SUM : 0;
  const room = window.inApp ? window.height - HEAD - wraps - BELOW - sum : Infinity;
  const read = scene.readings ? READ : 0;
  return Math.max(SHORTEST, Math.min(width * (scene.options.aspect ?? 0.46), (scene.options.share ?? 0.54) * window.height, room - read));
}

/** How high a part of the layout wants to be at a width. */
export function naturalHeight(scene, node, width) {
  const item = typeof node === "string" ? { panel: node } : node;
  if (item.title) {
    const { title, note, ...rest } = item;
    return HEADING + (note ? NOTE : 0) + naturalHeight(scene, rest, width);
  }
  if (item.column) {
    const gaps = GAP * (item.column.length - 1);
    return item.column.reduce((sum, child) => sum + naturalHeight(scene, child, width), gaps);
  }
  if (item.row) {
    const weights = item.row.map((child) => child.weight ?? 1);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const room = width - GAP * (item.row.length - 1);
    return Math.max(...item.row.map((child, at) => naturalHeight(scene, child, (room * weights[at]) / total)));
  }
  const panel = scene.byName.get(item.panel);
  if (!panel) return 0;
  if (item.height) return item.height;
  if (panel.kind === "signal") return 130;
  const labelled = panel.labels[panel.view.cols];
  const extra = TITLE + FOOT + 6 + (labelled ? LABELS : 0);
  if (panel.stretch) return panel.shape[panel.view.rows] * NARROW_ROW + extra;
  if (labelled) return panel.shape[panel.view.rows] * LABELLED_NARROW + extra;
  const grid = gridOf(panel, { x: 0, y: 0, width, height: 4000 });
  if (grid.strip && grid.slices > 1) {
    const oneLine = Math.min(MOST_CELL, width / (grid.slices * (grid.cols + 0.5) - 0.5));
    if (oneLine >= SMALLEST_IN_LINE) return grid.rows * oneLine + extra;
    // Else several lines, of as many slices as leave room for the numbers: larger cells push all else out.
    const perLine = Math.max(1, Math.floor(width / ((grid.cols + 0.5) * ROOMY_IN_LINES)));
    const cell = Math.min(MOST_CELL, width / (perLine * (grid.cols + 0.5)));
    return Math.ceil(grid.slices / perLine) * (grid.rows + 0.5) * cell + extra;
  }
  const lines = grid.perLine ? Math.ceil(grid.slices / grid.perLine) * (grid.rows + grid.stripGap) : grid.rows;
  return lines * grid.cell.height + grid.depth.y * (grid.slices - 1) + extra;
}

/** How a panel's array lies in its box: slices, rows and columns with padding, the size of a cell. */
export function gridOf(panel, box) {
  const { rows: rowAxis, cols: colAxis, stack: stackAxis } = panel.view;
  const padded = (axis) => panel.margin[axis][0] + panel.shape[axis] + panel.margin[axis][1];
  const rows = padded(rowAxis);
  const cols = padded(colAxis);
  const slices = stackAxis === undefined ? 1 : padded(stackAxis);
  const strip = panel.view.arrange === "strip";
  const labels = panel.labels[colAxis] ? LABELS : 0;
  const named = panel.stretch && panel.labels[rowAxis];
  const gutter = named ? (named.every((label) => label.length < 3) ? SHORT_GUTTER : GUTTER) : 0;
  const area = {
    x: box.x + gutter,
    y: box.y + TITLE + labels,
    width: box.width - gutter,
    height: Math.max(10, box.height - TITLE - labels - (box.height < FOOTED ? EDGE : FOOT)),
  };
  const grid = { panel, box, area, rows, cols, slices, strip, depth: { x: 0, y: 0 }, stripGap: 0 };
  if (panel.kind === "signal") {
    return Object.assign(grid, {
      cell: { width: area.width / cols, height: area.height / rows },
      origin: { x: area.x, y: area.y },
    });
  }
  let across = cols;
  let down = rows;
  let spreadX = 0;
  let spreadY = 0;
  if (slices > 1 && strip) {
    const gap = 0.5;
    const perLine = bestPerLine(slices, rows + gap, cols + gap, area);
    grid.perLine = perLine;
    grid.stripGap = gap;
    across = perLine * (cols + gap) - gap;
    down = Math.ceil(slices / perLine) * (rows + gap) - gap;
  } else if (slices > 1) {
    const share = Math.min(0.34, 0.1 + 0.02 * slices);
    spreadX = area.width * share;
    spreadY = area.height * Math.min(0.26, share);
  }
  const size = Math.min((area.width - spreadX) / across, (area.height - spreadY) / down, MOST_CELL);
  grid.cell = { width: size, height: size };
  if (panel.stretch) {
    // A matrix takes the room there is: its columns are many and its rows few, and both want to be read.
    grid.cell = { width: Math.min(area.width / cols, MOST_CELL), height: Math.min(area.height / rows, MOST_ROW) };
  } else if (labels && slices === 1) {
    // Words stand above these columns, and wide cells let them be read.
    grid.cell = { width: Math.min(area.width / cols, MOST_LABELLED), height: Math.min(area.height / rows, LABELLED_HEIGHT) };
  }
  if (slices > 1 && !strip) {
    grid.depth = { x: Math.min(spreadX, size * cols * 0.5) / (slices - 1), y: Math.min(spreadY, size * rows * 0.4) / (slices - 1) };
  }
  const width = grid.cell.width * across + grid.depth.x * (slices - 1);
  grid.origin = {
    x: area.x + (area.width - width) / 2,
    y: area.y + grid.depth.y * (slices - 1),
  };
  return grid;
}

function bestPerLine(slices, rows, cols, area) {
  let best = 1;
  let largest = 0;
  for (let perLine = 1; perLine <= slices; perLine += 1) {
    const size = Math.min(area.width / (perLine * cols), area.height / (Math.ceil(slices / perLine) * rows));
    if (size > largest) {
      largest = size;
      best = perLine;
    }
  }
  return best;
}

/** Where slice number `slice` begins; the deepest slice stands highest and furthest right, and a little smaller. */
export function sliceOrigin(grid, slice) {
  if (grid.slices === 1) return grid.origin;
  if (grid.strip) {
    const line = Math.floor(slice / grid.perLine);
    const at = slice % grid.perLine;
    return {
      x: grid.origin.x + at * (grid.cols + grid.stripGap) * grid.cell.width,
      y: grid.origin.y + line * (grid.rows + grid.stripGap) * grid.cell.height,
    };
  }
  return { x: grid.origin.x + grid.depth.x * slice, y: grid.origin.y - grid.depth.y * slice };
}

/** The zoomed view of a grid: how many cells are in sight, and which is the first. */
export function lens(grid, zoom, centre) {
  const { area } = grid;
  if (zoom <= 1) return { cell: grid.cell, shift: { x: 0, y: 0 }, flat: false };
  const signal = grid.panel.kind === "signal";
  const cell = signal
    ? { width: grid.cell.width * zoom, height: grid.cell.height }
    : { width: grid.cell.width * zoom, height: grid.cell.height * zoom };
  const fit = (size, cells, room, middle) => {
    const whole = size * cells;
    if (whole <= room) return (room - whole) / 2;
    return Math.max(room - whole, Math.min(0, room / 2 - (middle + 0.5) * size));
  };
  return {
    cell,
    shift: {
      x: fit(cell.width, grid.cols, area.width, centre?.col ?? grid.cols / 2),
      y: signal ? 0 : fit(cell.height, grid.rows, area.height, centre?.row ?? grid.rows / 2),
    },
    flat: true,
  };
}

/** The rectangle of a cell (padded slice, row and column) on the canvas. */
export function cellBox(grid, view, slice, row, col) {
  const start = view.flat ? { x: grid.area.x + view.shift.x, y: grid.area.y + view.shift.y } : sliceOrigin(grid, slice);
  return {
    x: start.x + col * view.cell.width,
    y: start.y + row * view.cell.height,
    width: view.cell.width,
    height: view.cell.height,
  };
}
