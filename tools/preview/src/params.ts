/** What the address of the page asks for, and the theme and times that follow from it. */

import { createTheme, dateMath, dateTime, type TimeRange } from '@grafana/data';

const query = new URLSearchParams(window.location.search);

export const boardName = query.get('board') ?? '';
export const expand = query.get('expand') === '1';
export const timeZone = 'utc';

/** Values of `var-NAME=`, one or several of each. */
export function givenValues(name: string): string[] | undefined {
  return query.has(`var-${name}`) ? query.getAll(`var-${name}`) : undefined;
}

export const theme = createTheme({ colors: { mode: query.get('theme') === 'light' ? 'light' : 'dark' } });

function moment(given: string | null, relative: string, roundUp: boolean): number {
  if (given) {
    return Number(given) * 1000;
  }
  return dateMath.parse(relative, roundUp)?.valueOf() ?? Date.now();
}

/** The range of the address, else that of the board. */
export function timeRange(board: any): TimeRange {
  const raw = { from: board.time?.from ?? 'now-1h', to: board.time?.to ?? 'now' };
  const from = dateTime(moment(query.get('from'), raw.from, false));
  const to = dateTime(moment(query.get('to'), raw.to, true));
  return { from, to, raw: query.has('from') ? { from, to } : raw };
}
