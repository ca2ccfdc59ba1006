import React from 'react';
import { AlertListPanel } from './alertlist';
import { BarGaugePanel } from './bargauge';
import { GaugePanel } from './gauge';
import { HeatmapPanel } from './heatmap';
import { StatPanel } from './stat';
import { StateTimelinePanel } from './statetimeline';
import { TablePanel } from './table';
import { TextPanel } from './text';
import { TimeSeriesPanel } from './timeseries';
import { type PanelProps } from './types';

export const KINDS: Record<string, React.ComponentType<PanelProps>> = {
  alertlist: AlertListPanel,
  bargauge: BarGaugePanel,
  gauge: GaugePanel,
  heatmap: HeatmapPanel,
  stat: StatPanel,
  'state-timeline': StateTimelinePanel,
  table: TablePanel,
  text: TextPanel,
  timeseries: TimeSeriesPanel,
};

/** Kinds that say by themselves that there are no values, in their own place. */
export const DRAWS_NOTHING = new Set(['stat', 'gauge', 'bargauge', 'text', 'alertlist']);
