"""One or two snapshots -> the whole report."""

from __future__ import annotations

from dataclasses import replace

from vllm_observability.pages.evaluate import Window
from vllm_observability.pages.source import Source
from vllm_observability.report import coverage, facts, figures, findings, judging, limits, verdicts
from vllm_observability.report.advising import advice
from vllm_observability.report.applying import applicable, applies
from vllm_observability.report.consistency import contradictions
from vllm_observability.report.records import Engine, Report
from vllm_observability.report.state import states as states_of
from vllm_observability.settings import Settings


def analyse(window: Window, source: Source, settings: Settings) -> Report:
    """Everything the numbers say. `source.at` lets the uptime be known."""
    page = window.later
    configs = facts.cache_configs(page)
    wrong = contradictions(window)
    uptime = figures.uptime(window, source.at)
    source = replace(source, window_seconds=window.seconds, uptime_seconds=uptime)
    states = states_of(window, configs)
    numbers = applicable(figures.figures(window, configs, wrong, uptime), states)
    judged = judging.judge(window, settings, wrong, states)
    found = findings.findings(judged, states)
    limit = limits.limit(window, states)
    served = facts.models(_model_names(page.series), next((c.dtype for c in configs if c.dtype), None))
    return Report(
        source=source,
        engine=Engine(facts.version_range(page), page.prefix),
        models=served,
        python=facts.python_version(page),
        started=figures.started(window),
        coverage=coverage.coverage(window, configs, wrong, states),
        figures=numbers,
        distributions=tuple(d for d in figures.distributions(window, wrong) if applies(d.of.mean, d.labels, states)),
        apart=window.apart,
        judged=judged,
        not_judged=tuple(judging.not_judged(window, settings, wrong, states)),
        findings=found,
        insights=verdicts.insights(numbers, found, states),
        advice=advice(numbers, judged, found, configs, limit, states),
        summary=tuple(verdicts.summary(source, served, numbers, found, limit, states, window.restarted)),
    )


def _model_names(series: object) -> list[str]:
    assert isinstance(series, dict)
    names = {value for rows in series.values() for labels in rows for key, value in labels if key == "model_name"}
    return sorted(names)
