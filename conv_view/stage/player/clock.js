// Time on the stage: ticks of outputs or of single multiplications, and the step a tick stands for.

export const SPEEDS = [0.5, 1, 2, 4, 8, 16, 32, 64, 250, 1000];
const SLOW = 8; // up to this many ticks a second the window glides from place to place
const REST = 0.55; // the share of a tick for which it rests first
const FLIES = 4; // up to this many ticks a second cells are seen going from panel to panel, for as long as it rests

export function ticks(scene, level) {
  if (level === "output") return scene.steps;
  return scene.acts.reduce((sum, act) => sum + act.steps * Math.max(1, act.termCount), 0);
}

export function tickOf(scene, level, step, term = 0) {
  if (level === "output") return step;
  let before = 0;
  for (const act of scene.acts) {
    const length = Math.max(1, act.termCount);
    if (step < act.first + act.steps) return before + (step - act.first) * length + term;
    before += act.steps * length;
  }
  return before - 1;
}

export function stepOf(scene, level, tick) {
  if (level === "output") return { step: tick, term: null };
  let before = 0;
  for (const act of scene.acts) {
    const length = Math.max(1, act.termCount);
    if (tick < before + act.steps * length) {
      return { step: act.first + Math.floor((tick - before) / length), term: act.termCount ? (tick - before) % length : null };
    }
    before += act.steps * length;
  }
  return { step: scene.steps - 1, term: null };
}

/** How much of the flight of a step's cells has passed, 0 to 1; null where they have landed. */
export function flightShare(fraction, speed) {
  return speed > FLIES || fraction >= REST ? null : fraction / REST;
}

/** How far the window has glided towards the next place, 0 to 1; 0 where it jumps. */
export function glideShare(fraction, speed) {
  if (speed > SLOW || fraction <= REST) return 0;
  const share = (fraction - REST) / (1 - REST);
  return share * share * (3 - 2 * share);
}
