"""Every figure of the report, by the ids that the JSON contract names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise

from vllm_observability.catalog import signals as s
from vllm_observability.model import Metric, Quality, Quantile, Signal, Unit
from vllm_observability.pages.evaluate import Answer, Buckets, Group, Value, Window, evaluate, merged_buckets
from vllm_observability.report.consistency import MODEL, Contradiction
from vllm_observability.report.facts import CacheConfig
from vllm_observability.report.records import Distribution, Figure

BOUND_SHARE = 0.99  # the bound figures name the smallest bucket edge that holds at least this share
# What tells engines apart: on one page, of Ray (whose replicas have no rank), and in a Prometheus.
ENGINE = ("model_name", "engine", "ReplicaId", "instance")


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
                Figure(signal.id, value.number, signal.unit, dict(group), value.quality)
                for group, value in answer(signal, window, wrong).items()
            ]
    out += _per_engine(window)
    for id, metric in s.LATENCIES.items():
        out += _bounds(id, metric, window, wrong)
    out += _configuration(configs)
    if uptime is not None:
        out.append(Figure("process_uptime_seconds", uptime, Unit.SECONDS, {}))
    return tuple(out)


def _per_engine(window: Window) -> list[Figure]:
    """KV cache usage of each engine, of models that have several."""
    answers = evaluate(s.KV_USAGE.expr, window, ENGINE)
    engines = Counter(model_of(group) for group in answers)
    return [
        Figure(s.KV_USAGE.id, value.number, s.KV_USAGE.unit, dict(group))
        for group, value in answers.items()
        if engines[model_of(group)] > 1
    ]


def model_of(group: Group) -> Group:
    """The group of an engine's model."""
    return tuple(pair for pair in group if pair[0] in MODEL)


def _bounds(id: str, metric: Metric, window: Window, wrong: tuple[Contradiction, ...]) -> list[Figure]:
    bad = {c.group for c in wrong if c.metric is metric}
    out = []
    for group, buckets in merged_buckets(metric, window, MODEL).items():
        held = None if group in bad else buckets.smallest_holding(BOUND_SHARE)
        if held:
            out.append(Figure(f"{id}_bound_seconds", held[0], Unit.SECONDS, dict(group)))
            out.append(Figure(f"{id}_bound_ratio", held[1], Unit.RATIO, dict(group)))
    return out


def distributions(window: Window, wrong: tuple[Contradiction, ...]) -> tuple[Distribution, ...]:
    """Observations by bucket, per model, of the latencies that users feel; none of a contradictory histogram."""
    found = []
    for id in ("ttft", "itl", "e2e"):
        bad = {c.group for c in wrong if c.metric is s.LATENCIES[id]}
        for group, buckets in merged_buckets(s.LATENCIES[id], window, MODEL).items():
            if group not in bad and buckets.total and len(buckets.bounds) > 1:
                counts = [max(0.0, now - before) for before, now in pairwise((0.0, *buckets.counts))]
                found.append(Distribution(id, dict(group), buckets.bounds[:-1], tuple(counts)))
    return tuple(found)


def _configuration(configs: tuple[CacheConfig, ...]) -> list[Figure]:
    out = []
    for config in configs:
        labels: Mapping[str, str] = {"engine": config.engine} if config.engine is not None and len(configs) > 1 else {}
        for id, value, unit in (
            ("kv_cache_capacity_tokens", config.capacity_tokens, Unit.TOKENS),
            ("kv_cache_blocks", config.blocks, Unit.BLOCKS),
            ("kv_cache_block_size", config.block_size, Unit.TOKENS),
            ("max_model_len_tokens", config.max_model_len, Unit.TOKENS),
            ("max_full_length_requests", config.full_length_requests, Unit.REQUESTS),
            ("gpu_memory_utilization_ratio", config.gpu_memory_share, Unit.RATIO),
        ):
            if value is not None:
                out.append(Figure(id, value, unit, labels))
    return out


def started(window: Window) -> float | None:
    """When the API server started, in Unix seconds; of several the latest."""
    found = evaluate(s.START_TIME.expr, window, ()).get(())
    return found.number if found else None


def uptime(window: Window, at: float | None) -> float | None:
    """Seconds since the API server started, where both ends are known and make sense."""
    start = started(window)
    return at - start if at is not None and start is not None and at >= start > 0 else None
