import type { IPrometheusRule } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PrometheusRule';
import type { IServiceMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/ServiceMonitor';
import type { IPodMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PodMonitor';
import type { IAlertmanagerConfig } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1alpha1/AlertmanagerConfig';
import type { IScaledObject } from '@kubernetes-models/keda/keda.sh/v1alpha1/ScaledObject';

type Metadata = { name: string; namespace?: string; labels?: Record<string, string>; annotations?: Record<string, string> };
// What a person writes: no status, and of the metadata what this chart uses.
type Written<T extends { apiVersion: string; kind: string; spec?: unknown }> = {
  apiVersion: T['apiVersion'];
  kind: T['kind'];
  metadata: Metadata;
  spec: NonNullable<T['spec']>;
};

export type PrometheusRule = Written<IPrometheusRule>;
export type ServiceMonitor = Written<IServiceMonitor>;
export type PodMonitor = Written<IPodMonitor>;
export type AlertmanagerConfig = Written<IAlertmanagerConfig>;
export type ScaledObject = Written<IScaledObject>;
