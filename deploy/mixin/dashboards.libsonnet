// Emitted by vllm-obs build: choose in _config, or change the settings and build again.
{
  raw: {
    'vllm-overview.json': import 'dashboards/raw/vllm-overview.libsonnet',
    'vllm-incident.json': import 'dashboards/raw/vllm-incident.libsonnet',
    'vllm-latency.json': import 'dashboards/raw/vllm-latency.libsonnet',
    'vllm-throughput.json': import 'dashboards/raw/vllm-throughput.libsonnet',
    'vllm-kv-cache.json': import 'dashboards/raw/vllm-kv-cache.libsonnet',
    'vllm-engines.json': import 'dashboards/raw/vllm-engines.libsonnet',
    'vllm-slo.json': import 'dashboards/raw/vllm-slo.libsonnet',
    'vllm-capacity.json': import 'dashboards/raw/vllm-capacity.libsonnet',
    'vllm-tuning.json': import 'dashboards/raw/vllm-tuning.libsonnet',
    'vllm-features.json': import 'dashboards/raw/vllm-features.libsonnet',
  },
  fleet: {
    'vllm-fleet-overview.json': import 'dashboards/fleet/vllm-overview.libsonnet',
    'vllm-fleet-incident.json': import 'dashboards/fleet/vllm-incident.libsonnet',
    'vllm-fleet-latency.json': import 'dashboards/fleet/vllm-latency.libsonnet',
    'vllm-fleet-throughput.json': import 'dashboards/fleet/vllm-throughput.libsonnet',
    'vllm-fleet-kv-cache.json': import 'dashboards/fleet/vllm-kv-cache.libsonnet',
    'vllm-fleet-engines.json': import 'dashboards/fleet/vllm-engines.libsonnet',
    'vllm-fleet-slo.json': import 'dashboards/fleet/vllm-slo.libsonnet',
    'vllm-fleet-capacity.json': import 'dashboards/fleet/vllm-capacity.libsonnet',
    'vllm-fleet-tuning.json': import 'dashboards/fleet/vllm-tuning.libsonnet',
    'vllm-fleet-features.json': import 'dashboards/fleet/vllm-features.libsonnet',
  },
}
