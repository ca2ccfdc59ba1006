import { type DataFrame, type Field, FieldType, formattedValueToString, getFieldDisplayName } from '@grafana/data';
import { getTextColorForAlphaBackground, VizLegend } from '@grafana/ui';
import React from 'react';
import { theme } from '../params';
import { timeTicks } from './axis';
import { type PanelProps } from './types';

interface Segment {
  from: number;
  to: number;
  text: string;
  color: string;
}

interface Lane {
  name: string;
  segments: Segment[];
}

/** A state lasts until the next one, but not across a gap in the samples. */
function segments(time: Field, field: Field, end: number, merge: boolean): Segment[] {
  const out: Segment[] = [];
  const interval = time.config.interval ?? Infinity;
  field.values.forEach((value, i) => {
    if (value == null || !field.display) {
      return;
    }
    const display = field.display(value);
    const from = time.values[i];
    const to = Math.min(time.values[i + 1] ?? end, from + interval, end);
    const text = formattedValueToString(display);
    const before = out.at(-1);
    if (merge && before && before.text === text && before.to >= from) {
      before.to = to;
    } else {
      out.push({ from, to, text, color: display.color ?? theme.colors.text.primary });
    }
  });
  return out;
}

function lanes(frames: DataFrame[], end: number, merge: boolean): Lane[] {
  return frames.flatMap((frame) => {
    const time = frame.fields.find((field) => field.type === FieldType.time);
    const values = frame.fields.filter((field) => field.type !== FieldType.time);
    return values.map((field) => ({
      name: getFieldDisplayName(field, frame, frames),
      segments: time ? segments(time, field, end, merge) : [],
    }));
  });
}

const font = { fontFamily: theme.typography.fontFamily, fontSize: 12 };
const CHARACTER = 6.6; // pixels, about

export function StateTimelinePanel({ panel, config, frames, range, width, height }: PanelProps) {
  const { options = {} } = panel;
  const [from, to] = [range.from.valueOf(), range.to.valueOf()];
  const all = lanes(frames, to, options.mergeValues !== false);
  const rows = options.perPage ? all.slice(0, options.perPage) : all; // the first page
  const legend = new Map(rows.flatMap((row) => row.segments.map(({ text, color }) => [text, color] as const)));
  const showLegend = options.legend?.showLegend !== false;
  const left = Math.min(width / 3, Math.max(...rows.map((row) => row.name.length)) * CHARACTER + 16);
  const bottom = height - 24 - (showLegend ? 30 : 0);
  const x = (time: number) => left + ((Math.max(from, time) - from) / (to - from)) * (width - left - 8);
  const lane = bottom / rows.length;
  const thick = lane * (options.rowHeight ?? 0.9);
  const opacity = (config.defaults.custom?.fillOpacity ?? 70) / 100;
  return (
    <div style={{ width, height }}>
      <svg width={width} height={bottom + 24} style={{ display: 'block' }}>
        {timeTicks(from, to, width - left).map(({ at, text }) => (
          <g key={at}>
            <line x1={x(at)} x2={x(at)} y1={0} y2={bottom} stroke={theme.colors.border.weak} />
            <text x={x(at)} y={bottom + 17} textAnchor="middle" {...font} fill={theme.colors.text.primary}>
              {text}
            </text>
          </g>
        ))}
        {rows.map((row, i) => {
          const y = i * lane + (lane - thick) / 2;
          return (
            <g key={i}>
              <text
                x={left - 8}
                y={y + thick / 2}
                textAnchor="end"
                dominantBaseline="central"
                {...font}
                fill={theme.colors.text.primary}
              >
                {row.name}
              </text>
              {row.segments.map((segment, j) => {
                const [x0, wide] = [x(segment.from), x(segment.to) - x(segment.from)];
                const fits = options.showValue !== 'never' && wide > segment.text.length * CHARACTER + 8 && thick > 12;
                return (
                  <g key={j}>
                    <rect
                      x={x0}
                      y={y}
                      width={Math.max(0, wide)}
                      height={thick}
                      fill={segment.color}
                      fillOpacity={opacity}
                      stroke={segment.color}
                      strokeWidth={config.defaults.custom?.lineWidth ?? 0}
                    />
                    {fits && (
                      <text x={x0 + 6} y={y + thick / 2} dominantBaseline="central" {...font} fill={ink(segment.color)}>
                        {segment.text}
                      </text>
                    )}
                  </g>
                );
              })}
            </g>
          );
        })}
      </svg>
      {showLegend && (
        <VizLegend
          displayMode={options.legend?.displayMode ?? 'list'}
          placement="bottom"
          items={[...legend].map(([label, color]) => ({ label, color, yAxis: 1 }))}
        />
      )}
    </div>
  );
}

/** As Grafana chooses it. */
function ink(color: string): string {
  return getTextColorForAlphaBackground(color, theme.isDark);
}
