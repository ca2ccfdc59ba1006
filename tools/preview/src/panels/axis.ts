/** Ticks on a time axis. */

const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440].map((minutes) => minutes * 60_000);

export interface Tick {
  at: number;
  text: string;
}

/** Round times between two others, about as many as fit into so many pixels. */
export function timeTicks(from: number, to: number, pixels: number): Tick[] {
  const room = Math.max(1, pixels / 80);
  const step = STEPS.find((each) => (to - from) / each <= room) ?? STEPS[STEPS.length - 1];
  const out: Tick[] = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) {
    const iso = new Date(at).toISOString();
    out.push({ at, text: to - from > 36 * 3600_000 && at % 86_400_000 === 0 ? iso.slice(5, 10) : iso.slice(11, 16) });
  }
  return out;
}
