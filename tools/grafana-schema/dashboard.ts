// What a dashboard with our panel kinds may hold: Grafana's published types, put together per panel kind.
// Where the published type is vague (targets, annotations, variables, alert list) it is written out here.
import type * as S from '@grafana/schema';
import type { Options as TimeSeriesOptions, FieldConfig as TimeSeriesField } from '@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen';
import type { Options as StatOptions } from '@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen';
import type { Options as GaugeOptions } from '@grafana/schema/dist/esm/raw/composable/gauge/panelcfg/x/GaugePanelCfg_types.gen';
import type { Options as BarGaugeOptions } from '@grafana/schema/dist/esm/raw/composable/bargauge/panelcfg/x/BarGaugePanelCfg_types.gen';
import type { Options as TableOptions, FieldConfig as TableField } from '@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen';
import type { Options as HeatmapOptions, FieldConfig as HeatmapField } from '@grafana/schema/dist/esm/raw/composable/heatmap/panelcfg/x/HeatmapPanelCfg_types.gen';
import type { Options as StateTimelineOptions, FieldConfig as StateTimelineField } from '@grafana/schema/dist/esm/raw/composable/statetimeline/panelcfg/x/StateTimelinePanelCfg_types.gen';
import type { Options as TextOptions } from '@grafana/schema/dist/esm/raw/composable/text/panelcfg/x/TextPanelCfg_types.gen';

// A Prometheus query (the published type is a record of anything).
type Target = {
  refId: string;
  datasource: { type: string; uid: string };
  expr: string;
  legendFormat?: string;
  format?: 'time_series' | 'table' | 'heatmap';
  instant?: boolean;
  range?: boolean;
  exemplar?: boolean;
  interval?: string;
  hide?: boolean;
  editorMode?: 'code' | 'builder';
};

type FieldConfig<Custom> = {
  defaults: Omit<S.FieldConfig, 'custom'> & { custom?: Custom };
  overrides: S.FieldConfigSource['overrides'];
};
type Panel<Type extends string, Options, Custom> = Omit<S.Panel, 'type' | 'options' | 'fieldConfig' | 'targets'> & {
  type: Type;
  options?: Options;
  fieldConfig?: FieldConfig<Custom>;
  targets?: Target[];
};
type None = {};

// The alert list's options are not published; these are the ones Grafana 11 to 13 write.
type AlertListOptions = {
  alertInstanceLabelFilter?: string;
  alertName?: string;
  dashboardAlerts?: boolean;
  datasource?: string;
  folder?: { uid: string; title: string };
  groupBy?: string[];
  groupMode?: 'default' | 'custom';
  maxItems?: number;
  showInactiveAlerts?: boolean;
  sortOrder?: 1 | 2 | 3 | 4 | 5;
  stateFilter?: { error?: boolean; firing?: boolean; noData?: boolean; normal?: boolean; pending?: boolean; recovering?: boolean };
  viewMode?: 'list' | 'stat';
};

export type TimeSeries = Panel<'timeseries', TimeSeriesOptions, TimeSeriesField>;
export type Stat = Panel<'stat', StatOptions, None>;
export type Gauge = Panel<'gauge', GaugeOptions, None>;
export type BarGauge = Panel<'bargauge', BarGaugeOptions, None>;
export type Table = Panel<'table', TableOptions, TableField>;
export type Heatmap = Panel<'heatmap', HeatmapOptions, HeatmapField>;
export type StateTimeline = Panel<'state-timeline', StateTimelineOptions, StateTimelineField>;
export type Text = Panel<'text', TextOptions, None>;
export type AlertList = Panel<'alertlist', AlertListOptions, None>;

export type Row = Omit<S.RowPanel, 'panels' | 'datasource'> & { panels: unknown[] };

// Prometheus annotations put their words beside `target`; `expr` and `step` are where Grafana 11 reads them.
export type Annotation = Omit<S.AnnotationQuery, 'target'> & {
  target?: { refId: string; expr: string; interval?: string; datasource?: S.DataSourceRef; editorMode?: 'code' | 'builder' };
  expr?: string;
  step?: string;
  tagKeys?: string;
  textFormat?: string;
  titleFormat?: string;
  useValueForTime?: boolean;
};

export type Variable = Omit<S.VariableModel, 'query'> & {
  query?: string | { query: string; qryType: number; refId: string };
  definition?: string;
  auto?: boolean;
  auto_count?: number;
  auto_min?: string;
};

export type Board = Omit<S.Dashboard, 'panels' | 'annotations' | 'templating' | 'id' | 'version' | 'snapshot'> & {
  annotations: { list: Annotation[] };
  panels: unknown[];
  templating: { list: Variable[] };
};
