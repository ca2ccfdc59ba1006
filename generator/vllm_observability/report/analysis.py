"""One or two snapshots -> the whole report."""

from __future__ import annotations

from dataclasses import replace

from vllm_observability.pages.evaluate import Window
from vllm_observability.pages.source import Source
from vllm_observability.report import coverage, facts, figures, findings, judging, limits, verdicts
from vllm_observability.report.consistency import contradictions
from vllm_observability.report.records import Engine, Report
from vllm_observability.settings import Settings


def analyse(window: Window, source: Source, settings: Settings) -> Report:
    """Everything the numbers say. `source.at` lets the uptime be known."""
    page = window.later
    configs = facts.cache_configs(page)
    wrong = contradictions(window)
    uptime = figures.uptime(window, source.at)
    source = replace(source, window_seconds=window.seconds, uptime_seconds=uptime)
    numbers = figures.figures(window, configs, wrong, uptime)
    judged = judging.judge(window, settings, wrong)
    found = findings.findings(window, judged, wrong)
    limit = limits.limit(window)
    served = facts.models(_model_names(page.series), next((c.dtype for c in configs if c.dtype), None))
    return Report(
        source=source,
        engine=Engine(facts.version_range(page), page.prefix),
        models=served,
        python=facts.python_version(page),
        started=figures.started(window),
        coverage=coverage.coverage(window, configs, wrong),
        figures=numbers,
        distributions=figures.distributions(window, wrong),
        apart=window.apart,
        judged=judged,
        findings=found,
        insights=verdicts.insights(numbers, found),
        advice=verdicts.advice(numbers, judged, found, configs, limit),
        summary=tuple(verdicts.summary(source, served, numbers, found, limit, window.restarted)),
    )


def _model_names(series: object) -> list[str]:
    assert isinstance(series, dict)
    names = {value for rows in series.values() for labels in rows for key, value in labels if key == "model_name"}
    return sorted(names)
