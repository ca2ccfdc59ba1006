// Emitted by vllm-obs build: choose in _config, or change the settings and build again.
{
  metric_prefix: 'vllm:',
  cluster_label: 'cluster',
  namespace_label: 'namespace',
  target_selector: 'job=~".*vllm.*"',
  runbook_url: 'https://vllm-observability.example/runbooks/{alert}',
  dashboard_url: 'https://grafana.example/d/{board}',
  thresholds: {},
  holds: {},
  models: [],
  objectives: {},
  alerts_off: [],
  boards: 'both',
}
