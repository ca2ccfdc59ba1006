"""Two sides -> verdicts: naive, adjusted for load, and why."""

from __future__ import annotations

import math
from collections.abc import Sequence

from vllm_observability.compare.effect import Apart, Effect, Row, effect
from vllm_observability.compare.measures import MEASURES, WORDS, Covariate, Measure, covariate, undone
from vllm_observability.compare.records import TIMES, Called, Change, Comparison, Facts, Point, Question
from vllm_observability.intervals import CannotTell, Engine, Side, merged, total
from vllm_observability.intervals.clocks import check_clock
from vllm_observability.intervals.prefill import counts_cached, prefilled
from vllm_observability.intervals.records import Interval, quantile
from vllm_observability.model import Quality, Unit
from vllm_observability.pages.sources import SourceError
from vllm_observability.words.phrases import Phrase, Quantity, say

LEAST_SECONDS = 240.0  # of each side: less is no traffic to judge by
LEAST_REQUESTS = 20.0
SHARES_FROM = 12  # rows of a side
BLOCK = 120.0  # seconds drawn together: requests of one minute last into the next
WITHIN = 5.0  # an interval inside so many percent, or points, around 0 says `same`
ALIKE = 1.25  # requests whose mean lengths differ by less than this factor are alike
MOST_POINTS = 400  # in a picture, per side


def compare(
    before: Side, after: Side, changes: Sequence[Change] = (), within: float = WITHIN, called: Called = TIMES
) -> Comparison:
    """Every question's verdict. SourceError: the sides can't be compared at all; CannotTell: they are too short."""
    _check(before, after)
    cached = [counts_cached(side.engines) for side in (before, after)]
    facts = (_facts(before, cached[0]), _facts(after, cached[1]))
    found = [_question(measure, (before, after), cached, facts, within, called) for measure in MEASURES]
    points = (_points(before), _points(after))
    return Comparison(facts, tuple(q for q in found if q is not None), tuple(changes), points, called)


def _check(before: Side, after: Side) -> None:
    if before.models != after.models:
        raise SourceError(
            f"the sides serve different models, {_names(before)} and {_names(after)}: their times say nothing of each "
            "other. Give sides of one model."
        )
    if len(before.models) > 1:
        raise SourceError(
            f"the sides hold several models, {_names(before)}, and a mean over them says nothing. Give one model."
        )
    for side in (before, after):
        if not side.intervals:
            raise SourceError(f"{side.name}: one scrape only of each engine; counters need two at least")
        requests = sum(i.get("requests") for i in side.intervals)
        if sum(i.get("generated") for i in side.intervals) <= 0 and requests <= 0:
            raise CannotTell(f"{side.name}: there was no traffic on this side, so that there is nothing to compare")
        check_clock(side)
        if side.seconds < LEAST_SECONDS or requests < LEAST_REQUESTS:
            raise CannotTell(
                f"{side.name}: {side.seconds:.0f} s with {requests:.0f} finished requests are too few to compare; "
                f"give {LEAST_SECONDS / 60:.0f} minutes and {LEAST_REQUESTS:.0f} requests at least, better 30 minutes"
            )


def _names(side: Side) -> str:
    return ", ".join(side.models) or "none"


# -------------------------------------------------------------------------------------------- one question


def _question(
    measure: Measure,
    sides: tuple[Side, Side],
    cached: Sequence[bool],
    facts: tuple[Facts, Facts],
    within: float,
    called: Called,
) -> Question | None:
    """The answer; None where neither side exposes what it asks of."""
    means = [_mean(measure, side.intervals) for side in sides]
    if means[0] is None or means[1] is None or (measure.scale == "ratio" and min(means[0], means[1]) <= 0):
        return None
    naive = _naive(measure, means[0], means[1])
    unit: str = "percent" if measure.scale == "ratio" else "points"

    def answer(verdict: str, reason: Phrase, adjusted: Effect | None = None) -> Question:
        return Question(
            measure.id, measure.title, verdict, unit, naive,  # type: ignore[arg-type]
            adjusted.difference if adjusted else None,
            (adjusted.low, adjusted.high) if adjusted else None,
            reason, means[0], means[1],
        )  # fmt: skip

    if measure.scale == "share" and means == [0.0, 0.0]:
        return answer("same", say("there were none on either side"), Effect(0.0, 0.0, 0.0, 0))
    found = _adjusted(measure, sides, cached, naive)
    if isinstance(found, Apart):
        return answer("not-comparable", _apart(measure, found, called))
    if found.low > measure.margin or found.high < -measure.margin:
        verdict = "worse" if found.difference > 0 else "better"
        if measure.by_requests and not _alike(facts):
            return answer("not-comparable", say("requests of the two sides differ in length, and this depends on them"))
        return answer(verdict, _reason(measure, naive, found, facts), found)
    if -max(within, WITHIN) <= found.low and found.high <= max(within, WITHIN):
        return answer("same", _reason(measure, naive, found, facts), found)
    if measure.id in ("errors", "acceptance", "tokens_per_step", "truncation", "prefix_cache"):
        return answer("not-comparable", say("the interval is too wide to tell; more traffic narrows it"), found)
    return answer(
        "not-comparable",
        say("the interval is too wide to tell: a longer time, or sides of more similar load, would narrow it"), found,
    )  # fmt: skip


def _naive(measure: Measure, before: float, after: float) -> float:
    worse = -1 if measure.good else 1
    if measure.scale == "share":
        return worse * 100 * (after - before)
    return 100 * (after / before - 1) if worse > 0 else 100 * (before / after - 1)


def _mean(measure: Measure, intervals: Sequence[Interval]) -> float | None:
    count = sum(map(measure.count, intervals))
    return sum(map(measure.total, intervals)) / count if count > 0 else None


def _adjusted(measure: Measure, sides: tuple[Side, Side], cached: Sequence[bool], naive: float) -> Effect | Apart:
    """The difference at equal load in percent or points, made wider by what is not known of the adjustment."""
    factors = measure.scale == "ratio"
    tries = [effect(_rows(measure, measure.at, measure.seconds, sides, cached), factors, measure.id)]
    if measure.other:
        rows = _rows(measure, measure.other, 2 * measure.seconds, sides, cached)
        tries.append(effect(rows, factors, measure.id))
    if isinstance(tries[0], Apart):
        return tries[0]
    found = [one for one in tries if isinstance(one, Effect)]
    middle = sum(one.difference for one in found) / len(found)
    apart = max(one.difference for one in found) - min(one.difference for one in found)
    plain = math.log1p(max(naive, -99.0) / 100) if factors else naive / 100
    doubt = apart / 2 + (measure.trust * abs(plain - middle) if measure.at else 0.0)
    reach = sum(one.high - one.difference for one in found) / len(found) + doubt
    ends = (middle, middle - reach, middle + reach)
    scaled = [100 * math.expm1(one) if factors else 100 * one for one in ends]
    return Effect(scaled[0], scaled[1], scaled[2], found[0].rows)


def _rows(
    measure: Measure, at: tuple[Covariate, ...], seconds: float, sides: tuple[Side, Side], cached: Sequence[bool]
) -> list[Row]:
    worse = -1.0 if measure.good else 1.0
    rows = []
    for after, (side, with_cached) in enumerate(zip(sides, cached, strict=True)):
        for engine in side.engines:
            for one in merged(engine.intervals, seconds):
                row = _row(measure, at, one, engine, with_cached, worse)
                if row is not None:
                    value, covariates, weight = row
                    block = (engine.instance, engine.engine, int(one.start // BLOCK))
                    rows.append(Row(value, covariates, weight, bool(after), block))
    if measure.scale == "share":
        return _together(rows)
    return rows


def _row(
    measure: Measure, at: tuple[Covariate, ...], one: Interval, engine: Engine, with_cached: bool, worse: float
) -> tuple[float, tuple[float, ...], float] | None:
    count, amount = measure.count(one), measure.total(one)
    if count < measure.least or one.get("steps") < 5:
        return None
    covariates = tuple(covariate(name, one, engine, with_cached) for name in at)
    if measure.scale == "share":
        return worse * amount / count, covariates, count
    return (worse * math.log(amount / count), covariates, min(1.0, count / 200)) if amount > 0 else None


def _together(rows: list[Row]) -> list[Row]:
    """Weights around 1, so that the ridge means the same for every measure."""
    mean = sum(row.weight for row in rows) / len(rows) if rows else 1.0
    return [Row(row.value, row.at, row.weight / mean, row.after, row.block) for row in rows]


# ------------------------------------------------------------------------------------------------- reasons


def _apart(measure: Measure, found: Apart, called: Called) -> Phrase:
    first, second = called
    if found.blocks:
        return say(
            "there is too little time with a load that both sides have: {n} stretches of {seconds} {first}, {other_n} "
            "{second}, and {least} of each are needed",
            n=found.blocks[0], other_n=found.blocks[1], seconds=Quantity(BLOCK, Unit.SECONDS), first=first,
            second=second, least=found.least,
        )  # fmt: skip
    counts = found.rows or found.common
    if counts is None:
        return say("the difference does not follow from these intervals")
    few = say(
        "{n} {first}, {other_n} {second}, and {least} of each are needed",
        n=counts[0], other_n=counts[1], first=first, second=second, least=found.least,
    )  # fmt: skip
    seconds = Quantity(measure.seconds, Unit.SECONDS)
    if found.rows:
        return say("there are too few intervals of {seconds} with traffic: {few}", seconds=seconds, few=few)
    if found.covariate is None:
        return say(
            "too few intervals of {seconds} have a load that the other side has in every part too: {few}",
            seconds=seconds, few=few,
        )  # fmt: skip
    name = measure.at[found.covariate]
    low, high, other_low, other_high = (undone(name, value) for value in (*found.before, *found.after))
    ranges = say(
        "{what} {low} to {high} {first}, {other_low} to {other_high} {second}",
        what=WORDS[name], low=_number(low), high=_number(high), other_low=_number(other_low),
        other_high=_number(other_high), first=first, second=second,
    )  # fmt: skip
    if low > other_high or other_low > high:
        return say("the loads do not overlap: {ranges}", ranges=ranges)
    return say(
        "the loads overlap too little: {ranges}; intervals of {seconds} in the common range: {few}",
        ranges=ranges, seconds=seconds, few=few,
    )  # fmt: skip


def _number(value: float) -> Quantity:
    return Quantity(float(f"{value:.3g}"), Unit.NONE, Quality.EXACT)


def _reason(measure: Measure, naive: float, found: Effect, facts: tuple[Facts, Facts]) -> Phrase:
    """Which part is the engine's, and which comes from the load, the lengths or the cache."""
    if not measure.at:
        return say("this needs no adjustment for load")
    rest = naive - found.difference
    if abs(rest) < max(1.0, 0.1 * abs(naive)):
        return say("loads are alike: what differs is the engine's")
    return say(
        "the plain difference adds up from {rest} that come from {causes} and {own} that are the engine's",
        rest=_points_of(rest), causes=_causes(facts), own=_points_of(found.difference),
    )  # fmt: skip


def _points_of(value: float) -> Phrase:
    number = Quantity(float(f"{abs(value):.3g}"), Unit.NONE)
    return say("−{n} percentage points", n=number) if value < 0 else say("+{n} percentage points", n=number)


def _causes(facts: tuple[Facts, Facts]) -> Phrase:
    """The part of the load that differs most."""
    before, after = facts
    pairs = [
        (say("the load"), before.sequences_per_step, after.sequences_per_step),
        (say("the lengths of prompts"), before.prompt_tokens_per_request, after.prompt_tokens_per_request),
        (say("the lengths of outputs"), before.output_tokens_per_request, after.output_tokens_per_request),
        (say("prompt tokens in a step, which the cache and arrivals decide"),
         before.prompt_tokens_per_step, after.prompt_tokens_per_step),
    ]  # fmt: skip
    sized = [(abs(math.log(b / a)), words) for words, a, b in pairs if a and b and a > 0 and b > 0]
    return max(sized, key=lambda one: one[0])[1] if sized else say("the load")


def _alike(facts: tuple[Facts, Facts]) -> bool:
    before, after = facts
    pairs = [
        (before.prompt_tokens_per_request, after.prompt_tokens_per_request),
        (before.output_tokens_per_request, after.output_tokens_per_request),
        (before.sequences_per_step, after.sequences_per_step),
    ]
    return all(a is None or b is None or 1 / ALIKE < (a + 1e-9) / (b + 1e-9) < ALIKE for a, b in pairs)


# --------------------------------------------------------------------------------------------------- facts


def _facts(side: Side, with_cached: bool) -> Facts:
    grown, seconds = total(side.intervals), side.seconds
    requests = grown.get("requests")
    steps = grown.get("steps")
    kv = [i.gauges["kv"] for i in side.intervals if "kv" in i.gauges]
    lows = [engine.versions for engine in side.engines]
    return Facts(
        name=side.name,
        models=side.models,
        engines=len(side.engines),
        seconds=seconds,
        requests=requests,
        requests_per_second=requests / seconds,
        output_tokens_per_second=grown.get("generated") / seconds,
        prompt_tokens_per_request=grown.mean("prompt_tokens", "requests"),
        output_tokens_per_request=grown.mean("output_tokens", "requests"),
        sequences_per_step=grown.get("gaps") / steps if steps else None,
        prompt_tokens_per_step=prefilled(grown, with_cached) / steps if steps else None,
        kv_cache_usage=sum(kv) / len(kv) if kv else None,
        versions=lows[0],
        quantiles={
            name: {label: value for label, q in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))
                   if (value := quantile(grown.buckets.get(name, {}), q)) is not None}
            for name in ("itl", "ttft", "e2e")
        },
        notes=side.notes,
    )  # fmt: skip


def _points(side: Side) -> tuple[Point, ...]:
    points = [
        Point(i.get("gaps") / i.get("steps"), i.get("gap_seconds") / i.get("gaps"))
        for i in side.intervals
        if i.get("gaps") >= 20 and i.get("steps") >= 5
    ]
    every = max(1, len(points) // MOST_POINTS)
    return tuple(points[::every])
