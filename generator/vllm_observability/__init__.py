"""Reports, dashboards, alerts and a deployment for vLLM, from one catalogue of its metrics."""

__version__ = "0.1.0"
