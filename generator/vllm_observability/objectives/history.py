"""Histories from a folder of pages, and from a Prometheus."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from vllm_observability.intervals import Side
from vllm_observability.intervals.folder import bound_of
from vllm_observability.model import Part
from vllm_observability.objectives.propose import metric_of
from vllm_observability.objectives.records import EVERY, KINDS, History, Kind
from vllm_observability.pages.sources import Access, SourceError
from vllm_observability.prometheus.answers import Histogram
from vllm_observability.prometheus.api import Api
from vllm_observability.prometheus.history import Grid, stored
from vllm_observability.prometheus.summed import recorded_form
from vllm_observability.queries.promql import Reader
from vllm_observability.queries.recorded import plan
from vllm_observability.settings import Settings
from vllm_observability.settings.selectors import matchers

_SLICE = 86_400.0  # seconds of one answer: servers limit how many samples they give at once
_Steps = dict[int, dict[Kind, dict[float, float]]]


def of_pages(side: Side) -> list[History]:
    """By model; what an engine did between two pages belongs to the step in which it began."""
    begin = min((interval.start for interval in side.intervals), default=0.0)
    held: dict[str, _Steps] = {}
    for engine in side.engines:
        for interval in engine.intervals:
            step = held.setdefault(engine.model, {}).setdefault(int((interval.start - begin) // EVERY), {})
            for kind in KINDS:
                for bound, grown in interval.buckets.get(kind, {}).items():
                    of_kind = step.setdefault(kind, {})
                    of_kind[bound] = of_kind.get(bound, 0.0) + grown
    return _histories(held)


def of_prometheus(url: str, since: float, selector: str, access: Access, settings: Settings) -> list[History]:
    """By model, of raw series or, where a store has none, of recorded ones; SourceError with one sentence."""
    api = Api(url.rstrip("/"), access, settings.limits.bytes)
    end = api.now()
    asked = {"by": ("model_name",), "matchers": matchers(selector),
             "target_labels": ("instance", *settings.scope_labels)}  # fmt: skip
    raw = plan(settings).raw_reader("model")
    steps = Grid(end - EVERY * math.floor(since / EVERY), EVERY, math.floor(since / EVERY) + 1)
    forms = (stored(api, raw, steps), recorded_form(api, settings, end))
    raws, recordings = (plan(replace(settings, histograms=form or settings.histograms)) for form in forms)
    for reader in (raws.raw_reader("model"), recordings.reader("model")):
        asking = replace(reader, **asked)  # type: ignore[arg-type]
        held = _asked(api, asking, end - since, end)
        if held:
            return _histories(held)
    raise SourceError(f"{api.name}: it holds nothing of vLLM in that time, or the selector fits no engine")


def _asked(api: Api, reader: Reader, start: float, end: float) -> dict[str, _Steps]:
    held: dict[str, _Steps] = {}
    for number in range(math.ceil((end - start) / _SLICE)):
        begin = start + number * _SLICE + EVERY
        last = min(end, begin + _SLICE - EVERY)
        for kind in KINDS:
            query = reader.rates(metric_of(kind), Part.BUCKET, by=(*reader.by, "le"))
            for row in api.matrix(query, begin, last, EVERY).rows if begin <= last else ():
                _add(held, kind, row.labels, row.points, start)
    return held


def _add(
    held: dict[str, _Steps], kind: Kind, labels: Mapping[str, str], points: tuple[tuple[float, object], ...],
    start: float,
) -> None:  # fmt: skip
    bound = bound_of(labels.get("le", ""))
    if bound is None:
        return
    for at, rate in points:
        if isinstance(rate, Histogram) or not isinstance(rate, float):
            continue
        step = held.setdefault(labels.get("model_name", ""), {}).setdefault(int((at - start) // EVERY) - 1, {})
        of_kind = step.setdefault(kind, {})
        of_kind[bound] = of_kind.get(bound, 0.0) + rate * EVERY


def _histories(held: Mapping[str, _Steps]) -> list[History]:
    """Every step from the first to the last; a histogram without an observation in it is left out."""
    return [
        History(
            model,
            tuple(
                {kind: grown for kind, grown in steps.get(n, {}).items() if grown.get(math.inf, 0.0) > 0}
                for n in range(max(steps) + 1)
            ),
        )
        for model, steps in sorted(held.items())
    ]
