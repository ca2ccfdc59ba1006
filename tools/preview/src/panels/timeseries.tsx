import { type DataFrame, FieldType } from '@grafana/data';
import { TimeSeries } from '@grafana/ui';
import React, { useMemo } from 'react';
import { timeZone } from '../params';
import { type PanelProps } from './types';

/** A line has no place for NaN and infinity. */
function finite(frames: DataFrame[]): DataFrame[] {
  return frames.map((frame) => ({
    ...frame,
    fields: frame.fields.map((field) =>
      field.type === FieldType.number
        ? { ...field, values: field.values.map((value) => (Number.isFinite(value) ? value : null)) }
        : field
    ),
  }));
}

export function TimeSeriesPanel({ panel, frames, range, width, height }: PanelProps) {
  const drawn = useMemo(() => finite(frames), [frames]);
  const legend = panel.options?.legend ?? { showLegend: true, displayMode: 'list', placement: 'bottom', calcs: [] };
  return (
    <TimeSeries
      frames={drawn}
      width={width}
      height={height}
      timeRange={range}
      timeZone={timeZone}
      legend={legend}
      options={panel.options}
    />
  );
}
