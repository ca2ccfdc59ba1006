"""Of a model's engine-hours: how much was busy, and how much of that was work thrown away. All of it from counters.

busy: moments at which at least one request ran, by the running gauge of each engine.
lost, as engine time. A prompt token computed costs what it cost in the quietest hours, where prefill is not slowed by
others: the mean prefill time less one decode step, over the tokens that a request had to compute.
  recomputed: each preemption computes its prompt, less what the cache holds of it, and half an answer again.
  aborted: prompts of aborted and failed requests, and half an answer of each aborted one.
  spared: prompt tokens that the prefix cache would have held, had it hit in every hour as in the week's better ones.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from vllm_observability.intervals.records import Count
from vllm_observability.review.records import ModelWeek, Shares

_QUIET, _BETTER = 0.1, 0.9  # quantiles of the hours: with the shortest prefill, with most hits
_FEW = 20.0  # requests of an hour, or its mean says nothing
_ANSWER = 0.5  # how far an answer is when it is preempted or aborted: nobody counts it
_FAILED = ("error",)


def shares(model: ModelWeek) -> Shares:
    """Of one model."""
    whole = math.fsum(model.engine_seconds)
    busy_seconds = min(math.fsum(v for v in model.busy_seconds if v == v), whole)
    if whole <= 0:
        return Shares(0.0, None, None, None)
    busy, token = busy_seconds / whole, prompt_token_seconds(model)
    if token is None:
        return Shares(busy, None, None, None)
    return Shares(
        busy,
        _part(_recomputed(model), token, whole, busy),
        _aborted(model, token, busy_seconds, whole),
        _part(_spared(model), token, whole, busy),
    )


def _part(tokens: float | None, token: float, whole: float, busy: float) -> float | None:
    return None if tokens is None else min(busy, tokens * token / whole)


def prompt_token_seconds(model: ModelWeek) -> float | None:
    """Engine time that a computed prompt token costs; None where the engines do not show their prefill time."""
    found = []
    steps = [gap for gap in _means(model, "gap_seconds", "gaps") if gap == gap]
    step = _quantile(steps, _QUIET) if steps else 0.0
    prefill, requests = model.grown.get("prefill_seconds"), model.grown.get("requests")
    prompts, hits = model.grown.get("prompts"), model.grown.get("hits")
    if prefill is None or requests is None or prompts is None:
        return None
    for n, ended in enumerate(requests):
        computed = prompts[n] - (hits[n] if hits is not None and hits[n] == hits[n] else 0.0)
        if ended >= _FEW and computed > 0 and prefill[n] == prefill[n]:
            found.append(max(0.0, prefill[n] - step * ended) / computed)
    return _quantile(found, _QUIET) if found else None


def _means(model: ModelWeek, part: Count, whole: Count) -> list[float]:
    parts, wholes = model.grown.get(part), model.grown.get(whole)
    if parts is None or wholes is None:
        return []
    return [a / b if b >= _FEW else math.nan for a, b in zip(parts, wholes, strict=True)]


def _quantile(values: Sequence[float], q: float) -> float:
    ordered = sorted(values)
    return ordered[round(q * (len(ordered) - 1))]


def total(model: ModelWeek, name: Count) -> float | None:
    """Growth over all hours; None where it is not shown."""
    line = model.grown.get(name)
    return None if line is None else math.fsum(value for value in line if value == value)


def _recomputed(model: ModelWeek) -> float | None:
    """Prompt and output tokens that were computed a second time, hour by hour: who preempts has few hits too."""
    names: tuple[Count, ...] = ("preemptions", "requests", "output_tokens", "prompts")
    lines = [model.grown.get(name) for name in names]
    if any(line is None for line in lines):
        return None
    hits = model.grown.get("hits")
    tokens = []
    for n, (times, ended, outputs, prompts) in enumerate(zip(*(line or () for line in lines), strict=True)):
        if times > 0 and ended > 0:
            computed = prompts - (hits[n] if hits is not None and hits[n] == hits[n] else 0.0)
            tokens.append(times * (computed + _ANSWER * outputs) / ended)
    return math.fsum(token for token in tokens if token == token)


def _aborted(model: ModelWeek, token: float, busy_seconds: float, whole: float) -> float | None:
    """Time spent on answers that nobody got: their share of prefill, and of what else engines were busy with."""
    ended = {reason: math.fsum(v for v in line if v == v) for reason, line in model.finished.items()}
    every, prompts = sum(ended.values()), total(model, "prompts")
    if not every or prompts is None:
        return None
    aborted, failed = ended.get("abort", 0.0) / every, sum(ended.get(reason, 0.0) for reason in _FAILED) / every
    prefill = min(busy_seconds, token * (prompts - (total(model, "hits") or 0.0)))
    written = _ANSWER * aborted
    decode = written / (written + 1 - aborted - failed) if aborted + failed < 1 else 1.0
    return ((aborted + failed) * prefill + decode * (busy_seconds - prefill)) / whole


def _spared(model: ModelWeek) -> float | None:
    """Prompt tokens computed that were found in the cache in better hours."""
    hits, queries = model.grown.get("hits"), model.grown.get("queries")
    if hits is None or queries is None:
        return None
    hourly = [(h, q) for h, q in zip(hits, queries, strict=True) if q >= 1000 and h == h]
    if not hourly:
        return None
    better = _quantile([h / q for h, q in hourly], _BETTER)
    return math.fsum(max(0.0, better * q - h) for h, q in hourly)
