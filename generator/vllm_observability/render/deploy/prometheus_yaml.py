"""The configuration of a whole Prometheus, as deploy/compose runs it, and of Grafana's way to it."""

from __future__ import annotations

from vllm_observability.render.deploy.jobs import job_name
from vllm_observability.render.deploy.scrape_yaml import Relabelling
from vllm_observability.render.rules_yaml import yaml_text
from vllm_observability.render.template_files import template
from vllm_observability.settings import Settings


def prometheus_yaml(settings: Settings, dropping: Relabelling) -> str:
    """Scrape jobs by file, with TLS and token, by discovery; our rules; one Alertmanager. `dropping`: relabel rules."""
    return template("prometheus.yml.j2").render(
        job=job_name(settings) or "vllm",
        scrape_interval=settings.scrape_interval,
        evaluation_interval=settings.evaluation_interval,
        histograms=settings.histograms,
        relabelling=yaml_text(dropping),
    )


def datasource_yaml(settings: Settings) -> str:
    """Grafana's data source for it: windows of rates are made of the scrape interval that stands there."""
    return template("datasource.yaml.j2").render(scrape_interval=settings.scrape_interval)
