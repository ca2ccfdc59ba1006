import { type DataFrame, getDisplayValueAlignmentFactors, VizOrientation } from '@grafana/data';
import { BarGauge, VizRepeater } from '@grafana/ui';
import React from 'react';
import { theme } from '../params';
import { type PanelProps } from './types';
import { displayValues } from './values';

/** Buckets of Prometheus hold those below them too; Grafana's data source takes a heatmap's answer apart. */
function apart(frames: DataFrame[]): DataFrame[] {
  return frames.map((frame, i) => {
    const [time, value] = frame.fields;
    const below = new Map(i ? frames[i - 1].fields[0].values.map((at, j) => [at, frames[i - 1].fields[1].values[j]]) : []);
    const values = value.values.map((each, j) => Math.max(0, each - (below.get(time.values[j]) ?? 0)));
    return { ...frame, fields: [time, { ...value, values }] };
  });
}

export function BarGaugePanel(given: PanelProps) {
  const buckets = given.panel.targets?.some((target: any) => target.format === 'heatmap');
  const props = buckets ? { ...given, frames: apart(given.frames) } : given;
  const { panel, frames, width, height } = props;
  const { options = {} } = panel;
  const orientation =
    options.orientation && options.orientation !== 'auto'
      ? options.orientation
      : width > height
        ? VizOrientation.Vertical
        : VizOrientation.Horizontal;
  return (
    <VizRepeater
      getValues={() => displayValues(props, false)}
      getAlignmentFactors={getDisplayValueAlignmentFactors}
      renderValue={({ value, alignmentFactors, orientation, width, height }) => (
        <BarGauge
          value={value.display}
          width={width}
          height={height}
          orientation={orientation}
          field={value.field}
          text={options.text}
          display={value.view?.getFieldDisplayProcessor(value.colIndex ?? 0)}
          theme={theme}
          itemSpacing={options.displayMode === 'lcd' ? 2 : 10}
          displayMode={options.displayMode}
          alignmentFactors={alignmentFactors}
          showUnfilled={options.showUnfilled}
          valueDisplayMode={options.valueMode}
          namePlacement={options.namePlacement}
        />
      )}
      width={width}
      height={height}
      source={frames}
      itemSpacing={options.displayMode === 'lcd' ? 2 : 10}
      renderCounter={0}
      orientation={orientation}
      minVizWidth={options.sizing === 'manual' ? options.minVizWidth : 8}
      minVizHeight={options.sizing === 'manual' ? options.minVizHeight : 16}
      maxVizHeight={options.sizing === 'manual' ? options.maxVizHeight : 300}
    />
  );
}
