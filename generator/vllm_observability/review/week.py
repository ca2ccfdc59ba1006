"""Values of a week -> its story: what was done, what it cost, when users waited, what to change first."""

from __future__ import annotations

import math
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from vllm_observability.catalog import beside, checks, slo
from vllm_observability.intervals.records import Count
from vllm_observability.model import Quality, Unit
from vllm_observability.pages.evaluate import Buckets
from vllm_observability.review.records import (
    AlertSum,
    Cost,
    Firing,
    Latency,
    ModelStory,
    ModelWeek,
    Shares,
    Spent,
    Totals,
    Week,
    WeekData,
    WorstHour,
)
from vllm_observability.review.shares import shares, total
from vllm_observability.settings import Settings
from vllm_observability.words.phrases import Phrase, Quantity, say

_WORST = 5
_MEANS: Mapping[str, tuple[Count, Count]] = {
    "ttft": ("first_seconds", "first_tokens"), "itl": ("gap_seconds", "gaps"), "e2e": ("request_seconds", "requests"),
}  # fmt: skip
_FEW = 20.0  # requests of an hour, or its share says nothing
_IDLE, _LOST = 0.6, 0.1  # shares of the engine-hours above which they are worth a change
_SEVERITY = {"critical": 0, "warning": 1, "info": 2}
_FIRST = 4
_LOSSES = {
    "recomputed": say(
        "preemptions: give the KV cache more room (--gpu-memory-utilization, fp8), or admit fewer requests at once "
        "(--max-num-seqs)"
    ),
    "aborted": say("answers that were aborted or failed: look at the clients' time-outs, and at what fails"),
    "spared": say(
        "prompts that the prefix cache did not hold: keep what changes at their end, and route equal beginnings to one "
        "engine"
    ),
}  # fmt: skip


def week(data: WeekData, settings: Settings) -> Week:
    """The story of a week."""
    models = tuple(_story(model, settings) for model in data.models)
    alerts = tuple(_alerts(data.alerts))
    whole = _whole(models)
    points = data.hours.count
    return Week(
        name=data.name, start=data.start, end=data.end, whole=whole, models=models, alerts=alerts,
        worst=tuple(_worst(data)), busiest=data.busiest, growth=_growth(whole, data.before),
        first=tuple(_first(models, alerts))[:_FIRST], unseen=data.unseen, hours=data.hours,
        requests_by_hour=tuple(_sum([line for model in data.models for line in model.finished.values()], points)),
        busy_by_hour=tuple(_over(_sum([model.busy_seconds for model in data.models], points),
                                 _sum([model.engine_seconds for model in data.models], points))),
        late_by_hour=tuple(_late(data)), firings=data.alerts, recorded_share=data.recorded_share,
    )  # fmt: skip


# -------------------------------------------------------------------------------------------------- a model


def _story(model: ModelWeek, settings: Settings) -> ModelStory:
    hours = math.fsum(model.engine_seconds) / 3600
    parts = shares(model)
    prompts, outputs = total(model, "prompts") or 0.0, total(model, "generated") or 0.0
    finished = {reason: _all(line) for reason, line in sorted(model.finished.items())}
    price = settings.price_for(model.place.model)
    return ModelStory(
        model.place, sum(finished.values()), prompts, outputs, hours, hours / len(model.engine_seconds), parts,
        tuple(_latencies(model)), tuple(_spent(model)), finished,
        None if price is None else _cost(price, hours, parts, prompts, outputs),
    )  # fmt: skip


def _all(line: Sequence[float]) -> float:
    return math.fsum(value for value in line if value == value)


def _cost(price: float, hours: float, parts: Shares, prompts: float, outputs: float) -> Cost:
    spend = price * hours
    return Cost(
        price, spend, spend * parts.idle, spend * parts.lost, spend / outputs * 1e6 if outputs else None,
        spend / (prompts + outputs) * 1e6 if prompts + outputs else None,
    )  # fmt: skip


def _latencies(model: ModelWeek) -> Iterator[Latency]:
    for of, (part, whole) in _MEANS.items():
        held = model.buckets.get(of, {})
        bounds = Buckets(tuple(sorted(held)), tuple(_all(held[bound]) for bound in sorted(held)))
        count, summed = total(model, whole), total(model, part)
        if not count:
            continue
        mean = None if summed is None else summed / count
        yield Latency(of, mean, _quantile(bounds, 0.5), _quantile(bounds, 0.95), _quantile(bounds, 0.99), count)


def _quantile(bounds: Buckets, q: float) -> Quantity | None:
    """Below the first bound only that bound is known."""
    value = bounds.quantile(q)
    if value is None:
        return None
    number = bounds.bounds[0] if value.quality is Quality.BELOW_FIRST else value.number
    return Quantity(float(f"{number:.3g}"), Unit.SECONDS, value.quality)


def _spent(model: ModelWeek) -> Iterator[Spent]:
    for each in model.events:
        whole, good = _all(each.total), _all(each.good)
        if whole > 0:
            yield Spent(each.kind, max(0.0, whole - good), whole, 1 - each.target)


def _whole(models: Sequence[ModelStory]) -> ModelStory:
    """All models together: shares weighted by engine-hours, counts added."""
    hours = math.fsum(one.engine_hours for one in models)

    def weighted(name: str) -> float | None:
        known = [(getattr(one.shares, name), one.engine_hours) for one in models]
        values = [share * own for share, own in known if share is not None]
        return math.fsum(values) / hours if values and hours else None

    finished: Counter[str] = Counter()
    for one in models:
        finished.update(one.finished)
    costs = [one.cost for one in models if one.cost is not None]
    prompts, outputs = (math.fsum(getattr(one, name) for one in models) for name in ("prompt_tokens", "output_tokens"))
    cost = None
    if costs and len(costs) == len(models):
        spend = math.fsum(one.spend for one in costs)
        cost = Cost(
            spend / hours if hours else 0.0, spend, math.fsum(one.idle for one in costs),
            math.fsum(one.lost for one in costs), spend / outputs * 1e6 if outputs else None,
            spend / (prompts + outputs) * 1e6 if prompts + outputs else None,
        )  # fmt: skip
    parts = Shares(weighted("busy") or 0.0, weighted("recomputed"), weighted("aborted"), weighted("spared"))
    return ModelStory(
        None, math.fsum(one.requests for one in models), prompts, outputs, hours,
        math.fsum(one.engines for one in models), parts, (), (), dict(finished), cost,
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------- all of it


def _alerts(fired: Sequence[Firing]) -> Iterator[AlertSum]:
    """By severity, then by how long they fired."""
    groups: dict[tuple[str, str], list[Firing]] = {}
    for one in fired:
        groups.setdefault((one.alert, one.severity), []).append(one)
    sums = [
        AlertSum(alert, severity, len(held), math.fsum(one.seconds for one in held) / 60)
        for (alert, severity), held in groups.items()
    ]
    yield from sorted(sums, key=lambda one: (_SEVERITY.get(one.severity, 3), -one.minutes, one.alert))


def _worst(data: WeekData) -> Iterator[WorstHour]:
    """Hours with the largest share of users who waited or got an error; none where nobody did."""
    found = []
    for model in data.models:
        late = next((each for each in model.events if each.kind == "ttft"), None)
        errors = model.finished.get("error")
        for n, at in enumerate(data.hours.times):
            requests = sum(line[n] for line in model.finished.values() if line[n] == line[n])
            bad = late.total[n] - late.good[n] if late else 0.0
            failed = errors[n] if errors is not None and errors[n] == errors[n] else 0.0
            bad = max(0.0, bad) if bad == bad else 0.0
            if requests >= _FEW and bad + failed >= 1:
                found.append(WorstHour(at - data.hours.step, model.place, requests, bad, failed))
    found.sort(key=lambda one: (-(one.late + one.failed) / one.requests, one.at))
    yield from found[:_WORST]


def _growth(whole: ModelStory, before: Totals | None) -> dict[str, float]:
    """Each sum against the span before, as a share more or less."""
    if before is None:
        return {}
    pairs = {
        "requests": (whole.requests, before.requests),
        "prompt_tokens": (whole.prompt_tokens, before.prompt_tokens),
        "output_tokens": (whole.output_tokens, before.output_tokens),
        "engine_hours": (whole.engine_hours, before.engine_seconds / 3600),
    }
    return {name: now / then - 1 for name, (now, then) in pairs.items() if then > 0}


def _sum(lines: Sequence[array[float]], points: int) -> list[float]:
    return [math.fsum(line[n] for line in lines if line[n] == line[n]) for n in range(points)]


def _over(part: Sequence[float], whole: Sequence[float]) -> list[float]:
    return [min(1.0, a / b) if b > 0 else math.nan for a, b in zip(part, whole, strict=True)]


def _late(data: WeekData) -> list[float]:
    """Share of first tokens beyond their objective, hour by hour; NaN where there was none."""
    points = data.hours.count
    own = [each for model in data.models for each in model.events if each.kind == "ttft"]
    good, whole = _sum([each.good for each in own], points), _sum([each.total for each in own], points)
    return [max(0.0, 1 - g / t) if t > 0 else math.nan for g, t in zip(good, whole, strict=True)]


# ---------------------------------------------------------------------------------------- what to do first


def _first(models: Sequence[ModelStory], alerts: Sequence[AlertSum]) -> Iterator[Phrase]:
    """The gravest alert, an overspent budget, what is thrown away, what is idle: in this order."""
    by_alert = {check.alert: check for check in (*checks.ALL, *beside.CHECKS)}
    grave = next((one for one in alerts if one.severity in ("critical", "warning") and one.alert in by_alert), None)
    if grave:
        check = by_alert[grave.alert]
        yield say(
            "{alert} fired for {minutes}: {advice}", alert=grave.alert, advice=say(check.advice),
            minutes=Quantity(grave.minutes * 60, Unit.SECONDS),
        )  # fmt: skip
    overspent = [(one.spent, model.place, one) for model in models for one in model.spent if one.spent > 1]
    for spent, place, one in sorted(overspent, key=lambda row: -row[0])[:1]:
        assert place
        budget = slo.BY_KIND[one.kind]
        yield say(
            "{model} spent {times} times its budget for {what}: {advice}", model=place.model,
            times=Quantity(float(f"{spent:.2g}"), Unit.NONE), what=say(budget.title), advice=say(budget.advice),
        )  # fmt: skip
    for model in sorted(models, key=lambda one: -one.shares.lost * one.engine_hours)[:1]:
        if model.place and model.shares.lost > _LOST:
            part = max(_LOSSES, key=lambda name: getattr(model.shares, name) or 0.0)
            yield say(
                "{share} of the engine-hours of {model} were lost, most to {what}", model=model.place.model,
                share=_percent(model.shares.lost), what=_LOSSES[part],
            )  # fmt: skip
    for model in sorted(models, key=lambda one: -one.shares.idle * one.engine_hours)[:1]:
        if model.place and model.shares.idle > _IDLE and model.engines > 1.5:
            yield say(
                "{model} was idle for {share} of its engine-hours: fewer engines at quiet hours; vllm-obs capacity "
                "says how many carry the load", model=model.place.model, share=_percent(model.shares.idle),
            )  # fmt: skip


def _percent(share: float) -> Quantity:
    return Quantity(float(f"{share:.3g}"), Unit.RATIO)


def hours_of_week(week: Week) -> Mapping[tuple[int, int], float]:
    """Mean share of late first tokens (0 without any) by weekday, Monday being 0, and hour of the day, in UTC."""
    sums: dict[tuple[int, int], list[float]] = {}
    for at, share in zip(week.hours.times, week.late_by_hour, strict=True):
        sums.setdefault(slot(at - week.hours.step), []).append(share)
    return {key: sum(known) / len(known) for key, held in sums.items() if (known := [v for v in held if v == v])}


def slot(at: float) -> tuple[int, int]:
    """Weekday and hour of a time, in UTC: the first of January 1970 was a Thursday."""
    return int(at // 86_400 + 3) % 7, int(at % 86_400 // 3600)
