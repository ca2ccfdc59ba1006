"""The configuration of a whole Prometheus, as deploy/compose runs it, and of Grafana's way to it."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from vllm_observability.render.jobs import job_name
from vllm_observability.render.rules_yaml import yaml_text
from vllm_observability.render.scrape_yaml import relabelling
from vllm_observability.settings import Settings

_TEMPLATES = Path(__file__).parent / "templates"


def prometheus_yaml(settings: Settings) -> str:
    """Scrape jobs by file, with TLS and token, by discovery; our rules; one Alertmanager."""
    return _template("prometheus.yml.j2").render(
        job=job_name(settings) or "vllm",
        scrape_interval=settings.scrape_interval,
        evaluation_interval=settings.evaluation_interval,
        relabelling=yaml_text(relabelling(settings)),
    )


def datasource_yaml(settings: Settings) -> str:
    """Grafana's data source for it: windows of rates are made of the scrape interval that stands there."""
    return _template("datasource.yaml.j2").render(scrape_interval=settings.scrape_interval)


def _template(name: str) -> Template:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), undefined=StrictUndefined, trim_blocks=True, keep_trailing_newline=True
    )
    return environment.get_template(name)
