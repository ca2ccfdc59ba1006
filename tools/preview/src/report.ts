/** What the page tells the script that takes the picture. */

export type State = 'data' | 'empty' | 'error';

export interface PanelReport {
  id: number;
  title: string;
  type: string;
  frames: number;
  points: number;
  state: State;
  /** Of an error its text; of an empty panel the text shown in place of data. */
  message: string;
}

const report = { panels: [] as PanelReport[], errors: [] as string[] };
let expected = Infinity;

const target = window as any;
target.__report = report;
target.__done = false;

/** How many panels there are to wait for. */
export function expect(count: number): void {
  expected = count;
  check();
}

/** One panel has its data, or failed; of two words about one panel the later holds. */
export function tell(panel: PanelReport): void {
  const known = report.panels.findIndex((each) => each.id === panel.id);
  if (known >= 0) {
    report.panels[known] = panel;
  } else {
    report.panels.push(panel);
  }
  check();
}

/** Something outside the panels went wrong. */
export function complain(message: string): void {
  report.errors.push(message);
}

/** After the last panel has its data, charts and icons still take a moment. */
function check(): void {
  if (report.panels.length >= expected && !target.__done) {
    document.fonts.ready.then(() => setTimeout(() => (target.__done = true), 1000));
  }
}

window.addEventListener('error', (event) => complain(event.message));
window.addEventListener('unhandledrejection', (event) => complain(String(event.reason)));
