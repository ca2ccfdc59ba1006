"""A scrape job for vLLM that leaves out what nothing of this bundle reads."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from vllm_observability.catalog import metrics as m
from vllm_observability.queries.promql import Reader
from vllm_observability.queries.unread import CREATED, unused
from vllm_observability.render.deploy.jobs import job_name
from vllm_observability.render.rules_yaml import yaml_text
from vllm_observability.render.template_files import CHANGE
from vllm_observability.settings import Settings

Relabelling = Sequence[Mapping[str, object]]
_SAYS = """\
# A scrape job for vLLM. Its relabel rules drop what no rule, alert, board, runbook or report of this bundle reads:
# more than a third of the series of a plain server. Leave them out if your other boards read those.
"""


def scrape_yaml(settings: Settings, dropping: Relabelling) -> str:
    """The job, with a target to replace; `dropping`: its relabel rules."""
    job = {
        "job_name": job_name(settings) or "vllm",
        "scrape_interval": settings.scrape_interval,
        **conversion(settings),
        "static_configs": [{"targets": ["localhost:8000"]}],
        "metric_relabel_configs": dropping,
    }
    return f"{_SAYS}# {CHANGE}\n" + yaml_text({"scrape_configs": [job]})


def conversion(settings: Settings) -> Mapping[str, object]:
    """What makes histograms native as they are scraped; a site that converts servers one by one chooses which."""
    return {"convert_classic_histograms_to_nhcb": True} if settings.histograms == "native" else {}


# People know pods; an address says nothing. A target without a pod keeps it.
POD_AS_INSTANCE: Mapping[str, object] = {
    "source_labels": ["__meta_kubernetes_pod_name", "__address__"],
    "regex": "(.+);.+:(\\d+)",
    "replacement": "$1:$2",
    "target_label": "instance",
}


def relabelling(settings: Settings) -> Relabelling:
    """Relabel rules that drop what nothing reads."""
    return [{"source_labels": ["__name__"], "regex": pattern, "action": "drop"} for pattern in dropped(settings)]


def dropped(settings: Settings) -> tuple[str, ...]:
    """Patterns of names that nothing reads, one for each topic: Prometheus tries every rule on every sample.

    A histogram that is read natively keeps its classic series too: a Prometheus that does not convert has no others.
    """
    if settings.histograms == "native":
        settings = replace(settings, histograms="both")
    reader = Reader(by=(), window="", prefixes=settings.metric_prefixes, histograms=settings.histograms)
    topics = {name: metric.topic for metric in m.ALL for part in metric.parts for name in reader.names(metric, part)}
    patterns: dict[str, list[str]] = {topic: [] for topic in topics.values()}
    for one in unused(dict.fromkeys(topics, 1), settings):
        topic = next(topic for name, topic in topics.items() if re.fullmatch(one.pattern, name))
        patterns[topic].append(one.pattern)
    return (CREATED, *("|".join(sorted(found)) for found in patterns.values() if found))
