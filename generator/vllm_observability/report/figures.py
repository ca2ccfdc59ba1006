"""Every figure of the report, by the ids that the JSON contract names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise

from vllm_observability.catalog import figures as f
from vllm_observability.catalog import signals as s
from vllm_observability.model import Quality, Quantile, Signal, Unit
from vllm_observability.pages.evaluate import Answer, Buckets, Group, Value, Window, evaluate, merged_buckets
from vllm_observability.pages.snapshot import ENGINES
from vllm_observability.report.consistency import MODEL, Contradiction
from vllm_observability.report.facts import CacheConfig
from vllm_observability.report.records import Distribution, Figure

BOUND_SHARE = 0.99  # the bound figures name the smallest bucket edge that holds at least this share
ENGINE = (*MODEL, *sorted(ENGINES))


def answer(
    signal: Signal, window: Window, wrong: tuple[Contradiction, ...] = (), by: tuple[str, ...] = MODEL
) -> Answer:
    """A signal's answer per model or engine, without percentiles of histograms that contradict themselves."""
    found = evaluate(signal.expr, window, (*by, *signal.by))
    if isinstance(signal.expr, Quantile):
        metric = signal.expr.metric
        bad = {c.group for c in wrong if c.metric is metric}
        edges = merged_buckets(metric, window, by)
        found = {g: _within_limits(v, edges[g]) for g, v in found.items() if model_of(g) not in bad}
    if signal.unit is Unit.RATIO:  # hostile or broken pages: a share over 1 is no share
        found = {g: v for g, v in found.items() if v.number <= 1 + 1e-9}
    return found


def _within_limits(value: Value, edges: Buckets) -> Value:
    """Inside the first bucket the interpolated number means nothing; its upper edge is what is known."""
    return replace(value, number=edges.bounds[0]) if value.quality is Quality.BELOW_FIRST else value


def figures(
    window: Window, configs: tuple[CacheConfig, ...], wrong: tuple[Contradiction, ...], uptime: float | None
) -> tuple[Figure, ...]:
    """All figures that are defined; an undefined one is left out, its reason stands in the coverage."""
    out: list[Figure] = []
    for signal in s.ALL:
        if signal.figure:
            out += [
                Figure(f.OF_SIGNAL[signal.id], value.number, dict(group), value.quality)
                for group, value in answer(signal, window, wrong).items()
            ]
    out += _per_engine(window)
    for latency in f.LATENCIES:
        out += _bounds(latency, window, wrong)
    out += _configuration(configs)
    if uptime is not None:
        out.append(Figure(f.UPTIME, uptime, {}))
    return tuple(out)


def _per_engine(window: Window) -> list[Figure]:
    """KV cache usage of each engine, of models that have several."""
    answers = evaluate(s.KV_USAGE.expr, window, ENGINE)
    engines = Counter(model_of(group) for group in answers)
    return [
        Figure(f.KV_USAGE, value.number, dict(group))
        for group, value in answers.items()
        if engines[model_of(group)] > 1
    ]


def model_of(group: Group) -> Group:
    """The group of an engine's model, or of the part of it that is kept apart."""
    return tuple(pair for pair in group if pair[0] not in ENGINES)


def _bounds(latency: f.Latency, window: Window, wrong: tuple[Contradiction, ...]) -> list[Figure]:
    bad = {c.group for c in wrong if c.metric is latency.metric}
    out = []
    for group, buckets in merged_buckets(latency.metric, window, MODEL).items():
        held = None if group in bad else buckets.smallest_holding(BOUND_SHARE)
        if held:
            out.append(Figure(latency.bound, held[0], dict(group)))
            out.append(Figure(latency.share, held[1], dict(group)))
    return out


def distributions(window: Window, wrong: tuple[Contradiction, ...]) -> tuple[Distribution, ...]:
    """Observations by bucket, per model, of the latencies that users feel; none of a contradictory histogram."""
    found = []
    for latency in (latency for latency in f.LATENCIES if latency.pictured):
        bad = {c.group for c in wrong if c.metric is latency.metric}
        for group, buckets in merged_buckets(latency.metric, window, MODEL).items():
            if group not in bad and buckets.total and len(buckets.bounds) > 1:
                counts = [max(0.0, now - before) for before, now in pairwise((0.0, *buckets.counts))]
                found.append(Distribution(latency, dict(group), buckets.bounds[:-1], tuple(counts)))
    return tuple(found)


def _configuration(configs: tuple[CacheConfig, ...]) -> list[Figure]:
    out = []
    for config in configs:
        labels: Mapping[str, str] = dict(config.group) if len(configs) > 1 else {}
        for row, value in (
            (f.KV_CAPACITY, config.capacity_tokens),
            (f.KV_BLOCKS, config.blocks),
            (f.KV_BLOCK_SIZE, config.block_size),
            (f.MAX_MODEL_LEN, config.max_model_len),
            (f.FULL_LENGTH_REQUESTS, config.full_length_requests),
            (f.GPU_MEMORY_SHARE, config.gpu_memory_share),
        ):
            if value is not None:
                out.append(Figure(row, value, labels))
    return out


def started(window: Window) -> float | None:
    """When the API server started, in Unix seconds; of several the latest."""
    found = evaluate(s.START_TIME.expr, window, ()).get(())
    return found.number if found else None


def uptime(window: Window, at: float | None) -> float | None:
    """Seconds since the API server started, where both ends are known and make sense."""
    start = started(window)
    return at - start if at is not None and start is not None and at >= start > 0 else None
