/** Queries to Prometheus, and their answers as the frames that Grafana's data source makes of them. */

import { type DataFrame, FieldType, rangeUtil, type TimeRange, toDataFrame } from '@grafana/data';
import { type Scope, substitute, type Variable } from './variables';

type Labels = Record<string, string>;
interface Series {
  metric: Labels;
  values?: Array<[number, string]>;
  value?: [number, string];
}

const MIN_STEP = '15s'; // Grafana's default scrape interval
const RATE_INTERVAL = '5m';

async function api(path: string, params: Record<string, string>): Promise<any> {
  const response = await fetch(`/api/v1/${path}`, { method: 'POST', body: new URLSearchParams(params) });
  const answer = await response.json().catch(() => ({ error: `HTTP ${response.status}` }));
  if (answer.status !== 'success') {
    throw new Error(answer.error ?? 'no answer');
  }
  return answer.data;
}

/** Values of a label, of the series that match. */
export async function labelValues(label: string, match: string | undefined, range: TimeRange): Promise<string[]> {
  const params = new URLSearchParams({ start: String(range.from.unix()), end: String(range.to.unix()) });
  if (match) {
    params.set('match[]', match);
  }
  const answer = await (await fetch(`/api/v1/label/${label}/values?${params}`)).json();
  const order = new Intl.Collator('en', { numeric: true });
  return (answer.data ?? []).sort(order.compare);
}

/** Built-in variables of a panel that is so many pixels wide. */
export function timeScope(range: TimeRange, points: number): Scope & { __interval_ms: string } {
  const step = rangeUtil.calculateInterval(range, Math.max(points, 100), MIN_STEP);
  const seconds = Math.round((range.to.valueOf() - range.from.valueOf()) / 1000);
  return {
    __interval: step.interval,
    __interval_ms: String(step.intervalMs),
    __rate_interval: RATE_INTERVAL,
    __rate_interval_ms: '300000',
    __range: `${seconds}s`,
    __range_s: String(seconds),
    __range_ms: String(seconds * 1000),
    __from: String(range.from.valueOf()),
    __to: String(range.to.valueOf()),
  };
}

/** The answers to all visible queries of a panel. */
export async function queryPanel(panel: any, variables: Variable[], range: TimeRange, width: number) {
  const targets = (panel.targets ?? []).filter((target: any) => !target.hide);
  const scope = timeScope(range, width);
  const answers = await Promise.all(
    targets.map(async (target: any) => {
      const expr = substitute(target.expr ?? '', variables, scope, true);
      return { target, expr, series: await run(target, expr, range, Number(scope.__interval_ms)) };
    })
  );
  const tables = answers.filter(({ target }) => target.format === 'table').length;
  const frames: DataFrame[] = answers.flatMap(({ target, expr, series }) => {
    if (target.format === 'table') {
      return [tableFrame(target, series, tables > 1)];
    }
    const sorted = target.format === 'heatmap' ? series.sort(byBound) : series;
    return sorted.map((each) => seriesFrame(target, expr, each, Number(scope.__interval_ms)));
  });
  return frames;
}

async function run(target: any, query: string, range: TimeRange, stepMs: number): Promise<Series[]> {
  let data: any;
  if (target.instant && !target.range) {
    data = await api('query', { query, time: String(range.to.valueOf() / 1000) });
  } else {
    const align = (ms: number) => String((Math.floor(ms / stepMs) * stepMs) / 1000);
    const start = align(range.from.valueOf());
    const end = align(range.to.valueOf());
    data = await api('query_range', { query, start, end, step: String(stepMs / 1000) });
  }
  return data.resultType === 'scalar' ? [{ metric: {}, value: data.result }] : data.result;
}

const samples = (series: Series) => series.values ?? (series.value ? [series.value] : []);
const number = (text: string) => (text === '+Inf' ? Infinity : text === '-Inf' ? -Infinity : Number(text));
const bound = (series: Series) => number(series.metric.le ?? 'NaN');
const byBound = (a: Series, b: Series) => bound(a) - bound(b);

/** Name in the legend; undefined leaves it to the labels that differ, as the format "auto" does. */
function legend(format: string | undefined, metric: Labels, expr: string): string | undefined {
  const { __name__: name = '', ...labels } = metric;
  const pairs = Object.entries(labels).map(([key, value]) => `${key}="${value}"`);
  if (format === '__auto') {
    return Object.keys(metric).length ? undefined : expr;
  }
  if (format) {
    return format.replace(/\{\{\s*(.+?)\s*\}\}/g, (_, key) => metric[key] ?? '');
  }
  const whole = pairs.length ? `${name}{${pairs.join(', ')}}` : name;
  return whole || expr;
}

function seriesFrame(target: any, expr: string, series: Series, interval: number): DataFrame {
  const name = legend(target.legendFormat, series.metric, expr);
  const rows = samples(series);
  return toDataFrame({
    refId: target.refId,
    name,
    fields: [
      { name: 'Time', type: FieldType.time, values: rows.map(([t]) => t * 1000), config: { interval } },
      {
        name: 'Value',
        type: FieldType.number,
        labels: series.metric,
        values: rows.map(([, v]) => number(v)),
        config: name === undefined ? {} : { displayNameFromDS: name },
      },
    ],
  });
}

/** One frame for a query: time, a column for each label from A to Z, and the value. */
function tableFrame(target: any, series: Series[], several: boolean): DataFrame {
  const rows = series.flatMap((each) => samples(each).map(([t, v]) => ({ metric: each.metric, t, v })));
  const labels = [...new Set(series.flatMap((each) => Object.keys(each.metric)))].sort();
  return toDataFrame({
    refId: target.refId,
    fields: [
      { name: 'Time', type: FieldType.time, values: rows.map((row) => row.t * 1000) },
      ...labels.map((label) => ({
        name: label,
        config: { filterable: true },
        type: label === 'le' ? FieldType.number : FieldType.string,
        values: rows.map((row) => (label === 'le' ? number(row.metric.le) : (row.metric[label] ?? ''))),
      })),
      {
        name: several ? `Value #${target.refId}` : 'Value',
        type: FieldType.number,
        values: rows.map((row) => number(row.v)),
      },
    ],
  });
}
