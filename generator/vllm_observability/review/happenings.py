"""What happened to servers and engines, seen from their scrapes: each is certain, and names whom it happened to."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from vllm_observability.review.changing import Bound, shifted
from vllm_observability.review.courses import Engine
from vllm_observability.review.records import IncidentData, Place, Sign, Target, Who

_STALLED = 120.0  # seconds without a step; a long prefill takes less
_SCRAPE = Bound(factor=5.0, floor=1.0)


def happenings(data: IncidentData, engines: Sequence[Engine]) -> Iterator[Sign]:
    """Everything from the beginning of the span on."""
    models = {engine.who.target: engine.who.place for engine in engines}
    of_target: dict[Who, list[Engine]] = {}
    for engine in engines:
        of_target.setdefault(engine.who.target, []).append(engine)
    for target in data.targets:
        who, place = target.who, models.get(target.who, Place(target.who.scope, ""))
        own = of_target.get(who, [])
        yield from _reached(data, target, who, place)
        yield from _restarts(data, target, own, who, place)
        yield from _missing(data, target, own, who, place)
        yield from _configured(data, target, who, place)
        change = shifted(list(target.scrape_seconds), data.begin, _SCRAPE)
        if change:
            yield Sign(
                "scrape_slow", _at(data, change.onset), _until(data, change.last), place, (who,), change.before,
                change.after,
            )  # fmt: skip
    for engine in engines:
        yield from _stalled(data, engine)


def _at(data: IncidentData, n: int) -> float:
    return data.grid.start + n * data.grid.step


def _until(data: IncidentData, last: int) -> float | None:
    """When it ended; None where it still was so at the end."""
    return None if last >= data.grid.count - 2 else _at(data, last)


def _stretches(flags: Sequence[bool], begin: int) -> Iterator[tuple[int, int]]:
    """First and last point of each stretch of True that begins at `begin` or later."""
    n = begin
    while n < len(flags) and flags[n] and n > 0 and flags[n - 1]:
        n += 1
    while n < len(flags):
        if flags[n]:
            last = n
            while last + 1 < len(flags) and flags[last + 1]:
                last += 1
            yield n, last
            n = last + 1
        else:
            n += 1


def _one(
    kind: str, data: IncidentData, stretches: Sequence[tuple[int, int]], place: Place, who: Who, detail: str = ""
) -> Iterator[Sign]:
    """However often it happened, it is one sign."""
    if stretches:
        until = _until(data, stretches[-1][1])
        yield Sign(kind, _at(data, stretches[0][0]), until, place, (who,), times=len(stretches), detail=detail)


def _reached(data: IncidentData, target: Target, who: Who, place: Place) -> Iterator[Sign]:
    """Scrapes that fail, a target that is gone, and one that came."""
    up, count = target.up, data.grid.count
    yield from _one("target_down", data, [*_stretches([value == 0 for value in up], data.begin)], place, who)
    there = [n for n in range(count) if not math.isnan(up[n])]
    if not there:
        return
    if there[0] > data.begin:
        yield Sign("came", _at(data, there[0]), _at(data, there[0]), place, (who,))
    if data.begin <= there[-1] < count - 2:
        yield Sign("engine_gone", _at(data, there[-1] + 1), None, place, (who,))


def _restarts(data: IncidentData, target: Target, engines: Sequence[Engine], who: Who, place: Place) -> Iterator[Sign]:
    """By the start of the process, or where that is not shown, by counters that fall."""
    points = []
    before, first = math.nan, math.nan
    for n, value in enumerate(target.started):
        if value == value:
            if before == before and value > before + 1 and n >= data.begin:
                points.append((n, n))
                first = first if first == first else min(value, _at(data, n))
            before = value
    if all(math.isnan(value) for value in target.started):
        for engine in engines:
            points += [(n, n) for n in _falls(engine.total("generated")) if n >= data.begin]
    for sign in _one("restarted", data, sorted(set(points)), place, who):
        yield replace(sign, at=max(first, _at(data, data.begin))) if first == first else sign


def _falls(values: Sequence[float]) -> Iterator[int]:
    before = math.nan
    for n, value in enumerate(values):
        if value == value:
            if before == before and value < before:
                yield n
            before = value


def _missing(data: IncidentData, target: Target, engines: Sequence[Engine], who: Who, place: Place) -> Iterator[Sign]:
    """Up, and was shown before, and no engine is seen."""
    shown = [any(engine.seen(n) for engine in engines) for n in range(data.grid.count)]
    if True not in shown:
        return
    first = shown.index(True)
    flags = [n > first and target.up[n] == 1 and not shown[n] for n in range(data.grid.count)]
    lasting = [(a, b) for a, b in _stretches(flags, data.begin) if (b - a) * data.grid.step >= _STALLED]
    yield from _one("metrics_missing", data, lasting, place, who)


def _configured(data: IncidentData, target: Target, who: Who, place: Place) -> Iterator[Sign]:
    """Facts that an engine showed later and not at first."""
    begin = _at(data, data.begin)
    first = next((facts for facts, times in target.configs if times[0] < begin), None)
    for facts, times in target.configs:
        if first is not None and times[0] >= begin and facts != first:
            # A fact that only one of two versions shows has not changed.
            changed = [
                f"{k} {first[k]} → {facts[k]}" for k in sorted(first.keys() & facts.keys()) if first[k] != facts[k]
            ]
            if changed:
                yield Sign("config_changed", times[0], None, place, (who,), detail=", ".join(changed))
                break
    if target.versions:
        started = [n for n in range(data.begin, data.grid.count) if target.up[n] == 1 and target.up[n - 1] != 1]
        at = _at(data, started[-1]) if started else begin
        yield Sign("version_changed", at, None, place, (who,), detail=" → ".join(target.versions))


def _stalled(data: IncidentData, engine: Engine) -> Iterator[Sign]:
    """Work, and no progress, for longer than a step can take."""
    tokens, steps = engine.grown("generated"), engine.grown("steps")
    running, waiting = engine.gauge("running"), engine.gauge("waiting")
    flags = [
        running[n] + (waiting[n] if waiting[n] == waiting[n] else 0) > 0 and tokens[n] == 0 and not steps[n] > 0
        for n in range(data.grid.count)
    ]
    lasting = [(a, b) for a, b in _stretches(flags, data.begin) if (b - a + 1) * data.grid.step >= _STALLED]
    yield from _one("stalled", data, lasting, engine.who.place, engine.who)
