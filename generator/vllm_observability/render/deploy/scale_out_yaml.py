"""A cluster's Prometheus: what it keeps to itself, and what it sends to a central store."""

from __future__ import annotations

import re
from collections.abc import Iterable

from vllm_observability.boards.records import Dashboard
from vllm_observability.catalog import metrics as m
from vllm_observability.queries.promql import Reader
from vllm_observability.render.deploy.jobs import job_name
from vllm_observability.render.deploy.scrape_yaml import Relabelling
from vllm_observability.render.rules_yaml import yaml_text
from vllm_observability.render.template_files import template
from vllm_observability.settings import Settings

_WORD = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
# Everything that is recorded, every alert, and what Prometheus itself says of a target.
_RECORDED = ("(engine|model):vllm_.+", "ALERTS", "ALERTS_FOR_STATE")
_OF_TARGETS = ("up", "scrape_duration_seconds", "scrape_samples_scraped")


def scale_out_yaml(settings: Settings, boards: Iterable[Dashboard], dropping: Relabelling) -> str:
    """The configuration of one cluster's Prometheus; `boards`: in fleet form, `dropping`: its relabel rules."""
    return template("prometheus-cluster.yml.j2").render(
        job=job_name(settings) or "vllm",
        scrape_interval=settings.scrape_interval,
        evaluation_interval=settings.evaluation_interval,
        shipped=shipped(settings, boards),
        histograms=settings.histograms,
        relabelling=yaml_text(dropping).rstrip("\n"),
    )


def shipped(settings: Settings, boards: Iterable[Dashboard]) -> tuple[str, ...]:
    """Patterns of the names that the fleet boards read: recorded series, and the few raw ones beside them."""
    panels = (panel for board in boards for row in board.rows for panel in row.panels)
    read = {word for panel in panels for query in panel.queries for word in _WORD.findall(query.expr)}
    reader = Reader(by=(), window="", prefixes=settings.metric_prefixes, histograms=settings.histograms)
    exposed = {name for metric in m.ALL for part in metric.parts for name in reader.names(metric, part)}
    return (*_RECORDED, *_OF_TARGETS, *sorted(read & exposed))
