"""What pages say to checks whose question only PromQL can put: stalls, failures that are counted, an uneven load."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from vllm_observability.catalog import fleet_checks as fleet
from vllm_observability.catalog import fleet_signals as f
from vllm_observability.catalog import signals as s
from vllm_observability.model import Check, Raw, Signal
from vllm_observability.pages.evaluate import Answer, Group, Value, Window, evaluate
from vllm_observability.report.consistency import MODEL
from vllm_observability.report.figures import ENGINE, model_of
from vllm_observability.report.state import HANDLERS, sleepers
from vllm_observability.words.phrases import Phrase, Quantity, say


@dataclass(frozen=True)
class Told:
    """A number and how the page tells it. `sure` False: worth a mention only, because it may be long ago."""

    value: Value
    evidence: Phrase | None = None
    sure: bool = True


Tale = Mapping[Group, Told]


def plain(answer: Answer) -> Tale:
    """Numbers that need no words of their own."""
    return {group: Told(value) for group, value in answer.items()}


@dataclass(frozen=True)
class Teller:
    """How pages answer a check: what they need to have for it, and why there may be no answer all the same."""

    tell: Callable[[Window], Tale | None]
    needs: tuple[Signal, ...]
    otherwise: Phrase


def teller(check: Check) -> Teller | None:
    """How pages answer a check in a way of their own; None: they don't."""
    return _TELLERS.get(check.id)


def tale(check: Check, window: Window) -> Tale | None:
    """What pages say to a check, by model or engine; None: nothing."""
    how = teller(check)
    return how.tell(window) if how else None


def clause(signal: Signal, window: Window) -> Answer:
    """What a further clause of a bound reads, by model; empty: only PromQL can say."""
    if isinstance(signal.expr, Raw):
        sums = _sums(_CLAUSES.get(signal.id, ()), window)
        return {group: Value(sum(counts.values())) for group, counts in sums.items()}
    return evaluate(signal.expr, window, MODEL)


# ---------------------------------------------------------------------------------------------- stalls


@dataclass(frozen=True)
class Still:
    """An engine with requests that made no progress between two pages."""

    running: int
    waiting: int
    demand: bool  # somebody waits for it, so that the numbers can't be old ones


def still(window: Window) -> Mapping[Group, Still] | None:
    """Engines awake that had work and made no progress; None: one page, or a restart, can't tell.

    Without a counter that could move an engine is not judged. A moving KV cache is progress, because the counters move
    with outputs only.
    """
    return window.once("still", lambda: _still(window))


def _still(window: Window) -> Mapping[Group, Still] | None:
    if window.earlier is None or window.restarted or updating(window):
        return None
    running, waiting = (evaluate(signal.expr, window, ENGINE) for signal in (s.RUNNING, s.WAITING))
    moved = _progress(window)
    asleep = {sleeper.engine for sleeper in sleepers(window)}
    alone = len({**running, **waiting}) == 1 and _called(window)
    found = {}
    for group in {**running, **waiting}:
        r, w = (round(answer[group].number) if group in answer else 0 for answer in (running, waiting))
        if r + w > 0 and group not in asleep and moved.get(group, 1.0) == 0:
            found[group] = Still(r, w, w > 0 or alone)
    return found


def updating(window: Window) -> bool:
    """Whether an engine is paused for an update of its weights."""
    return any(value.number > 0 for value in evaluate(s.WEIGHT_UPDATES.expr, window, ()).values())


def _called(window: Window) -> bool:
    """Whether the server answered any request for work in the window: probes and lists of models show no demand."""
    answers = evaluate(s.HTTP_REQUESTS.expr, window, s.HTTP_REQUESTS.by)
    return any(value.number > 0 and dict(group).get("handler") in HANDLERS for group, value in answers.items())


def _progress(window: Window) -> dict[Group, float]:
    """What moved at each engine; an engine without a counter of tokens or steps is absent."""
    total: dict[Group, float] = {}
    for signal in (s.GENERATION_TOKENS, s.STEPS):
        for group, value in evaluate(signal.expr, window, ENGINE).items():
            total[group] = total.get(group, 0.0) + value.number
    for signal in (s.PROMPT_TOKENS, s.FINISHED_TOTAL):
        for group, value in evaluate(signal.expr, window, ENGINE).items():
            if group in total:
                total[group] += value.number
    assert window.earlier is not None
    now, before = (evaluate(s.KV_USAGE.expr, each, ENGINE) for each in (window, Window(window.earlier)))
    for group in total:
        if group in now and group in before:
            total[group] += abs(now[group].number - before[group].number)
    return total


def _stalls(window: Window) -> Tale | None:
    found = still(window)
    if found is None:
        return None
    return {
        group: Told(
            Value(one.running + one.waiting),
            say(
                "{running} running and {waiting} waiting requests, but no token and no step between the two pages",
                running=one.running,
                waiting=one.waiting,
            ),
        )
        for group, one in found.items()
        if one.demand
    }


# -------------------------------------------------------------------------------------------- counters


def _counted(*signals: Signal, per_second: bool = False) -> Callable[[Window], Tale | None]:
    """Failures that counters hold: whole, where there is one page."""

    def tell(window: Window) -> Tale | None:
        sums = _sums(signals, window)
        if not sums:
            return None
        since = window.earlier is None or window.restarted
        by = window.seconds if per_second and window.seconds and not since else 1.0
        return {
            group: Told(Value(sum(counts.values()) / by), _counts(counts, since), sure=not since)
            for group, counts in sums.items()
        }

    return tell


def _sums(signals: Iterable[Signal], window: Window) -> dict[Group, dict[Signal, float]]:
    found: dict[Group, dict[Signal, float]] = {}
    for signal in signals:
        for group, value in evaluate(signal.expr, window, MODEL).items():
            found.setdefault(group, {})[signal] = value.number
    return found


def _counts(counts: Mapping[Signal, float], since_start: bool) -> Phrase:
    parts = [
        say("{what}: {n}", what=say(signal.title), n=round(number)) for signal, number in counts.items() if number > 0
    ]
    text = parts[0] if parts else say("none")
    for part in parts[1:]:
        text = say("{first}; {more}", first=text, more=part)
    if since_start:
        return say("{counts}, since the server started; two pages tell whether it goes on", counts=text)
    return say("{counts}, between the two pages", counts=text)


# ------------------------------------------------------------------------------------------------ load


def _drain(window: Window) -> Tale | None:
    """Waiting requests by how many finish; an hour stands for never."""
    waiting, rate = (evaluate(signal.expr, window, MODEL) for signal in (s.WAITING, s.REQUEST_RATE))
    if not rate:
        return None
    found = {}
    for group in waiting.keys() & rate.keys():
        queued, speed = waiting[group].number, rate[group].number
        seconds = queued / speed if speed > 0 else (3600.0 if queued else 0.0)
        text = say(
            "{waiting} requests wait, and {rate} finish",
            waiting=round(queued),
            rate=Quantity(speed, s.REQUEST_RATE.unit),
        )
        found[group] = Told(Value(seconds), text)
    return found


def _uneven_cache(window: Window) -> Tale | None:
    """Distance of each engine's KV cache usage from the mean of its model."""

    def told(own: float, mean: float) -> Told:
        text = say(
            "its KV cache is {usage} full, while the model's engines average {mean}",
            usage=Quantity(own, s.KV_USAGE.unit),
            mean=Quantity(mean, s.KV_USAGE.unit),
        )
        return Told(Value(abs(own - mean)), text)

    return _against_mean(evaluate(s.KV_USAGE.expr, window, ENGINE), told)


def _uneven_running(window: Window) -> Tale | None:
    """Running requests of each engine against the mean of its model, or the mean against them."""

    def told(own: float, mean: float) -> Told:
        factor = (own + 1) / (mean + 1)
        text = say(
            "it runs {own} requests, while the model's engines average {mean}",
            own=round(own),
            mean=Quantity(mean, s.RUNNING.unit),
        )
        return Told(Value(max(factor, 1 / factor)), text)

    return _against_mean(evaluate(s.RUNNING.expr, window, ENGINE), told)


def _against_mean(answer: Answer, told: Callable[[float, float], Told]) -> Tale | None:
    numbers: dict[Group, list[float]] = {}
    for group, value in answer.items():
        numbers.setdefault(model_of(group), []).append(value.number)
    if len(numbers) == len(answer):  # one engine of each
        return None
    found = {
        group: told(value.number, sum(own) / len(own))
        for group, value in answer.items()
        if len(own := numbers[model_of(group)]) > 1
    }
    return found or None


TWO_PAGES = say("this needs an earlier and a later page")
_ONE_ENGINE = say("the page has one engine of each model")
_NONE = say("nothing was counted in the window")
_TELLERS: Mapping[str, Teller] = {
    fleet.STALLED.id: Teller(_stalls, (s.RUNNING,), TWO_PAGES),
    fleet.CORRUPTED.id: Teller(_counted(s.CORRUPTED), (s.CORRUPTED,), _NONE),
    fleet.TRANSFER_FAILURES.id: Teller(_counted(*s.TRANSFERS_FAILED, per_second=True), s.TRANSFERS_FAILED[:1], _NONE),
    fleet.REJECTIONS.id: Teller(_counted(s.REJECTED, per_second=True), (s.REJECTED,), _NONE),
    fleet.QUEUE_DRAIN.id: Teller(_drain, (s.WAITING,), TWO_PAGES),
    fleet.IMBALANCE_KV.id: Teller(_uneven_cache, (s.KV_USAGE,), _ONE_ENGINE),
    fleet.IMBALANCE_RUNNING.id: Teller(_uneven_running, (s.RUNNING,), _ONE_ENGINE),
}
# Counters whose sum over the window answers what a clause asks of a span of a Prometheus.
_CLAUSES: Mapping[str, tuple[Signal, ...]] = {f.KV_FAILURES_COUNTED.id: s.TRANSFERS_FAILED}
