"""Reports, dashboards, alerts and a deployment for vLLM, from one catalogue of its metrics."""

__version__ = "0.1.0"
# Where the project is published: package, chart and their pages lead there. A release names it (docs/releasing.md).
HOME = "https://vllm-observability.example"
