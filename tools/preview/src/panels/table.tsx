import { TableNG } from '@grafana/ui/unstable';
import React from 'react';
import { type PanelProps } from './types';

export function TablePanel({ panel, config, frames, range, width, height }: PanelProps) {
  const { options = {} } = panel;
  return (
    <TableNG
      data={frames[0]}
      width={width}
      height={height}
      noHeader={options.showHeader === false}
      showTypeIcons={false}
      resizable={true}
      sortBy={options.sortBy}
      cellHeight={options.cellHeight}
      fieldConfig={config}
      noValue={config.defaults.noValue}
      timeRange={range}
      structureRev={1}
      enableSharedCrosshair={false}
      enableVirtualization={false}
      getActions={() => []}
      transparent={false}
    />
  );
}
