import { getDisplayValueAlignmentFactors, VizOrientation } from '@grafana/data';
import { BigValue, BigValueGraphMode, BigValueTextMode, VizRepeater } from '@grafana/ui';
import React from 'react';
import { theme } from '../params';
import { type PanelProps } from './types';
import { displayValues } from './values';

export function StatPanel(props: PanelProps) {
  const { panel, config, frames, width, height } = props;
  const { options = {} } = panel;
  const named = options.textMode === 'auto' && (config.defaults.displayName || !panel.title);
  return (
    <VizRepeater
      getValues={() => displayValues(props, options.graphMode !== BigValueGraphMode.None)}
      getAlignmentFactors={getDisplayValueAlignmentFactors}
      renderValue={({ value, alignmentFactors, width, height, count }) => (
        <BigValue
          value={value.display}
          count={count}
          sparkline={value.sparkline}
          colorMode={options.colorMode}
          graphMode={options.graphMode}
          justifyMode={options.justifyMode}
          textMode={named ? BigValueTextMode.ValueAndName : options.textMode}
          alignmentFactors={alignmentFactors}
          disableWideLayout={!options.wideLayout}
          text={options.text}
          width={width}
          height={height}
          theme={theme}
        />
      )}
      width={width}
      height={height}
      source={frames}
      itemSpacing={3}
      renderCounter={0}
      autoGrid={true}
      orientation={options.orientation ?? VizOrientation.Auto}
    />
  );
}
