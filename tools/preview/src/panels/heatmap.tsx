import { type DataFrame, formattedValueToString, getValueFormat } from '@grafana/data';
import React, { useEffect, useRef } from 'react';
import { theme } from '../params';
import { timeTicks } from './axis';
import { type PanelProps } from './types';

// ColorBrewer's Blues, light to dark.
const BLUES = ['#f7fbff', '#deebf7', '#c6dbef', '#9ecae1', '#6baed6', '#4292c6', '#2171b5', '#08519c', '#08306b'];

function mixed(from: string, to: string, share: number): string {
  const channel = (at: number) => {
    const [a, b] = [from, to].map((color) => parseInt(color.slice(at, at + 2), 16));
    return Math.round(a + (b - a) * share);
  };
  return `rgb(${channel(1)},${channel(3)},${channel(5)})`;
}

/** Colours from few to many: a scheme, which dark themes turn round, or one colour of growing opacity. */
function palette(options: any): string[] {
  const steps = options.steps ?? 64;
  const shares = Array.from({ length: steps }, (_, i) => i / (steps - 1));
  if (options.mode === 'opacity') {
    const fill = theme.visualization.getColorByName(options.fill ?? 'dark-orange');
    const power = options.scale === 'linear' ? 1 : (options.exponent ?? 0.5);
    return shares.map((share) => mixed(theme.colors.background.primary, fill, share ** power));
  }
  const turned = theme.isDark !== Boolean(options.reverse);
  const scheme = turned ? [...BLUES].reverse() : BLUES;
  return shares.map((share) => {
    const at = share * (scheme.length - 1);
    const low = Math.min(Math.floor(at), scheme.length - 2);
    return mixed(scheme[low], scheme[low + 1], at - low);
  });
}

interface Grid {
  times: number[];
  interval: number;
  /** Upper bounds as text. */
  names: string[];
  /** Counts of each bucket alone, by bucket and time. */
  cells: Array<Array<number | null>>;
}

/** Buckets of Prometheus hold those below them too. */
function grid(frames: DataFrame[]): Grid {
  const times = [...new Set(frames.flatMap((frame) => frame.fields[0].values as number[]))].sort((a, b) => a - b);
  const rows = frames.map((frame) => {
    const at = new Map(frame.fields[0].values.map((time: number, i: number) => [time, frame.fields[1].values[i]]));
    return times.map((time) => at.get(time) ?? null);
  });
  const cells = rows.map((row, i) =>
    row.map((value, j) => (value == null || Number.isNaN(value) ? null : Math.max(0, value - ((i && rows[i - 1][j]) || 0))))
  );
  const names = frames.map((frame) => frame.fields[1].labels?.le ?? frame.name ?? '');
  return { times, interval: frames[0].fields[0].config.interval ?? 15_000, names, cells };
}

const FONT = `12px ${theme.typography.fontFamily}`;

function draw(context: CanvasRenderingContext2D, props: PanelProps, height: number): [number, number, string[]] {
  const { panel, frames, range, width } = props;
  const { times, interval, names, cells } = grid(frames);
  const unit = getValueFormat(panel.options?.yAxis?.unit ?? panel.fieldConfig?.defaults?.unit ?? 'short');
  const decimals = panel.options?.yAxis?.decimals;
  const labels = names.map((name) =>
    Number.isFinite(Number(name)) ? formattedValueToString(unit(Number(name), decimals)) : name
  );
  context.font = FONT;
  const left = Math.max(...labels.map((label) => context.measureText(label).width), 20) + 12;
  const [bottom, top] = [height - 24, 8];
  const [from, to] = [range.from.valueOf(), range.to.valueOf()];
  const x = (time: number) => left + ((time - from) / (to - from)) * (width - left - 8);
  const rowHeight = (bottom - top) / cells.length;
  const y = (row: number) => bottom - row * rowHeight;
  const hide = panel.options?.filterValues?.le ?? 1e-9;
  const shown = cells.flat().filter((value): value is number => value != null && value > hide);
  const [min, max] = [Math.min(...shown), Math.max(...shown)];
  const colors = palette(panel.options?.color ?? {});
  const gap = panel.options?.cellGap ?? 1;

  context.fillStyle = theme.colors.text.primary;
  context.textBaseline = 'middle';
  context.textAlign = 'right';
  const every = Math.ceil(20 / rowHeight);
  labels.forEach((label, i) => (i + 1) % every === 0 && context.fillText(label, left - 8, y(i + 1)));
  context.textAlign = 'center';
  context.strokeStyle = 'rgba(204, 204, 220, 0.12)';
  context.lineWidth = 1;
  for (const tick of timeTicks(from, to, width - left)) {
    const at = Math.round(x(tick.at)) + 0.5;
    context.beginPath();
    context.moveTo(at, top);
    context.lineTo(at, bottom);
    context.stroke();
    context.fillText(tick.text, at, bottom + 14);
  }
  cells.forEach((row, i) =>
    row.forEach((value, j) => {
      if (value == null || value <= hide) {
        return;
      }
      const share = max > min ? (value - min) / (max - min) : 1;
      context.fillStyle = colors[Math.round(share * (colors.length - 1))];
      const [x0, x1] = [Math.max(left, x(times[j] - interval)), x(times[j])];
      const [y0, y1] = [y(i + 1), y(i)];
      if (x1 > x0) {
        context.fillRect(x0, y0, Math.max(1, x1 - x0 - gap), Math.max(1, y1 - y0 - gap));
      }
    })
  );
  return [min, max, colors];
}

/** The scale of colours, as Grafana has it below the picture. */
function drawScale(context: CanvasRenderingContext2D, min: number, max: number, colors: string[], y: number) {
  const width = 300;
  colors.forEach((color, i) => {
    context.fillStyle = color;
    context.fillRect(8 + (i * width) / colors.length, y, width / colors.length + 1, 8);
  });
  context.fillStyle = theme.colors.text.primary;
  const short = getValueFormat('short');
  for (let i = 0; i <= 4; i++) {
    context.textAlign = i === 0 ? 'left' : i === 4 ? 'right' : 'center';
    context.fillText(formattedValueToString(short(min + ((max - min) * i) / 4)), 8 + (width * i) / 4, y + 18);
  }
}

export function HeatmapPanel(props: PanelProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { width, height, panel } = props;
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context) {
      return;
    }
    context.clearRect(0, 0, width, height);
    const legend = panel.options?.legend?.show ? 34 : 0;
    const [min, max, colors] = draw(context, props, height - legend);
    if (legend && Number.isFinite(min)) {
      drawScale(context, min, max, colors, height - 28);
    }
  }, [props, width, height, panel]);
  return <canvas ref={canvas} width={width} height={height} style={{ display: 'block' }} />;
}
