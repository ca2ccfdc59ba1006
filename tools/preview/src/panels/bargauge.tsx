import { getDisplayValueAlignmentFactors, VizOrientation } from '@grafana/data';
import { BarGauge, VizRepeater } from '@grafana/ui';
import React from 'react';
import { theme } from '../params';
import { type PanelProps } from './types';
import { displayValues } from './values';

export function BarGaugePanel(props: PanelProps) {
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
