// A board in Grafana's second schema: what the API of Grafana 13 takes, from its published types.
import type { Spec } from '@grafana/schema/apis/dashboard.grafana.app/v2';

export type Resource = {
  apiVersion: 'dashboard.grafana.app/v2';
  kind: 'Dashboard';
  metadata: { name: string };
  spec: Spec;
};
