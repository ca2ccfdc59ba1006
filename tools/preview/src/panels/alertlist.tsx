import { type DataFrame } from '@grafana/data';
import { Badge, Icon } from '@grafana/ui';
import React from 'react';
import { theme } from '../params';
import { type PanelProps } from './types';

const HIDDEN = ['__name__', 'alertname', 'alertstate'];

/** The query that stands in for Grafana's own list of alerts. */
export function alertTargets(panel: any, replace: (text: string) => string): any[] {
  const name = replace(panel.options?.alertName ?? '').replace(/[\\"]/g, '\\$&');
  return [{ refId: 'A', expr: `ALERTS{alertname=~".*${name}.*"}`, legendFormat: '__auto', range: true }];
}

interface Alert {
  labels: Record<string, string>;
  since: number;
}

/** Alerts that are active at the end of the range. */
function active(frames: DataFrame[]): Alert[] {
  const ends = frames.map((frame) => frame.fields[0].values.at(-1) ?? 0);
  const last = Math.max(...ends, 0);
  return frames
    .filter((_, i) => ends[i] === last)
    .map((frame) => ({ labels: frame.fields[1].labels ?? {}, since: (last - frame.fields[0].values[0]) / 60000 }));
}

function Rule({ name, alerts }: { name: string; alerts: Alert[] }) {
  const firing = alerts.some((alert) => alert.labels.alertstate === 'firing');
  const color = firing ? theme.colors.error.text : theme.colors.warning.text;
  const minutes = Math.round(Math.max(...alerts.map((alert) => alert.since)));
  const box: React.CSSProperties = {
    display: 'flex',
    gap: 12,
    padding: '8px 12px',
    marginBottom: 4,
    borderRadius: 2,
    background: theme.colors.background.secondary,
  };
  return (
    <li style={box}>
      <Icon name="exclamation-circle" size="lg" style={{ color, marginTop: 2 }} />
      <div style={{ minWidth: 0 }}>
        <div style={{ fontWeight: 500 }}>{name}</div>
        <div style={{ fontSize: 12, color: theme.colors.text.secondary }}>
          <span style={{ color, textTransform: 'uppercase', marginRight: 4 }}>{firing ? 'firing' : 'pending'}</span>
          for {minutes}m, {alerts.length} instance{alerts.length > 1 ? 's' : ''}
        </div>
        {alerts.map((alert, i) => (
          <div key={i} style={{ display: 'flex', flexWrap: 'wrap', gap: 4, marginTop: 4 }}>
            {Object.entries(alert.labels)
              .filter(([key]) => !HIDDEN.includes(key))
              .map(([key, value]) => (
                <Badge key={key} color="blue" text={`${key}=${value}`} />
              ))}
          </div>
        ))}
      </div>
    </li>
  );
}

export function AlertListPanel({ panel, frames, width, height }: PanelProps) {
  const { stateFilter = {}, maxItems = 20 } = panel.options ?? {};
  const alerts = active(frames).filter(({ labels }) => stateFilter[labels.alertstate] !== false);
  const names = [...new Set(alerts.map((alert) => alert.labels.alertname))].slice(0, maxItems);
  const rules = names.map((name) => ({ name, alerts: alerts.filter((alert) => alert.labels.alertname === name) }));
  const weight = (rule: { alerts: Alert[] }) => (rule.alerts.some((a) => a.labels.alertstate === 'firing') ? 0 : 1);
  rules.sort((a, b) => weight(a) - weight(b) || a.name.localeCompare(b.name));
  if (!rules.length) {
    return <div style={{ textAlign: 'center', paddingTop: height / 2 - 20, width }}>No alerts matching filters</div>;
  }
  return (
    <ul style={{ width, height, overflow: 'auto', listStyle: 'none', margin: 0, padding: 0 }}>
      {rules.map((rule) => (
        <Rule key={rule.name} {...rule} />
      ))}
    </ul>
  );
}
