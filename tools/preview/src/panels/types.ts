import { type DataFrame, type TimeRange } from '@grafana/data';

/** What every kind of panel is drawn from. */
export interface PanelProps {
  panel: any;
  /** Field config with thresholds from minus infinity. */
  config: any;
  frames: DataFrame[];
  range: TimeRange;
  width: number;
  height: number;
  /** Puts variables into a text. */
  replace: (text: string) => string;
}
