import { type FieldDisplay, getFieldDisplayValues } from '@grafana/data';
import { theme, timeZone } from '../params';
import { type PanelProps } from './types';

/** Each series reduced to one value; without any, the one that says so. */
export function displayValues({ panel, config, frames, range, replace }: PanelProps, sparkline: boolean): FieldDisplay[] {
  const values = getFieldDisplayValues({
    fieldConfig: config,
    reduceOptions: panel.options?.reduceOptions ?? { calcs: ['lastNotNull'], values: false },
    replaceVariables: replace,
    theme,
    data: frames,
    sparkline,
    timeZone,
  });
  values.forEach((value) => {
    if (value.sparkline) {
      value.sparkline.timeRange = range;
    }
  });
  return values;
}
