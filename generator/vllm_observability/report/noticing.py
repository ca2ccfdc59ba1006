"""What a report notices beside checks, judged like them: stuck queues, sleep, old gauges, restarts, contradictions."""

from __future__ import annotations

from collections.abc import Container, Iterator

from vllm_observability.catalog import notices as n
from vllm_observability.catalog import signals as s
from vllm_observability.model import Metric, Notice
from vllm_observability.pages.evaluate import Group, Value, Window, evaluate
from vllm_observability.report.consistency import Contradiction
from vllm_observability.report.figures import ENGINE
from vllm_observability.report.page_answers import still, updating
from vllm_observability.report.records import Judged
from vllm_observability.report.state import Sleeper, State, States
from vllm_observability.words.phrases import Phrase, say

# How deep: vLLM's own word for it, and what it means.
_DEPTHS = {
    "weights_offloaded": say("level 1: weights are in CPU memory, the KV cache is dropped"),
    "discard_all": say("level 2: weights and KV cache are discarded"),
}


def notices(window: Window, wrong: tuple[Contradiction, ...], states: States) -> Iterator[Judged]:
    """Everything; whether anything moves is no question to a page where a Prometheus was asked."""
    yield from (_asleep(sleeper, states.of(sleeper.engine)) for sleeper in states.sleepers)
    if window.asked is None:
        yield from _unserved(window, {sleeper.engine for sleeper in states.sleepers})
    if updating(window):
        yield _noticed(n.PAUSED, (), say("an update of weights is under way"))
    if window.restarted:
        evidence = say("counters fell or the start time moved; growth is counted since the restart")
        yield _noticed(n.RESTARTED, (), evidence)
    for contradiction in wrong:
        why = say("{metric}: {why}", metric=_name(contradiction.metric), why=contradiction.why)
        yield _noticed(n.HISTOGRAM, contradiction.group, why)
    doubts = window.later.doubts
    if doubts:
        more = say(" (and {n} more, listed under coverage)", n=len(doubts) - 1) if len(doubts) > 1 else say("")
        yield _noticed(n.SAMPLES, (), say("{first}{more}", first=doubts[0], more=more))


def _noticed(notice: Notice, group: Group, evidence: Phrase, number: float = 1.0) -> Judged:
    return Judged(notice, group, Value(number), notice.severity, evidence=evidence)


def _name(metric: Metric) -> str:
    return metric.names[0].text


def depth(sleeper: Sleeper) -> Phrase:
    """How deep an engine sleeps."""
    meaning = _DEPTHS.get(sleeper.depth)
    return (
        say("{word}, {meaning}", word=sleeper.depth, meaning=meaning) if meaning else say("{word}", word=sleeper.depth)
    )


def _asleep(sleeper: Sleeper, state: State) -> Judged:
    deep = depth(sleeper)
    of = say("it sleeps")
    if state.engines > 1:
        of = say("{engine} of {n} sleeps", engine=engine_name(sleeper.engine), n=state.engines)
    if sleeper.waiting:
        told = say("{waiting} requests wait; {of} ({depth})", waiting=sleeper.waiting, of=of, depth=deep)
        return _noticed(n.AWAITED, sleeper.engine, told, sleeper.waiting)
    return _noticed(n.ASLEEP, sleeper.engine, say("{of} ({depth})", of=of, depth=deep))


def _unserved(window: Window, asleep: Container[Group]) -> Iterator[Judged]:
    """Requests that wait while none runs, and gauges that may be old ones; engines that sleep are told of as such."""
    found = still(window)
    for group, one in (found or {}).items():
        if not one.demand:
            told = say("{running} running, but no token and no step between the two pages", running=one.running)
            yield _noticed(n.OLD_GAUGE, group, told, one.running)
    running, waiting = (evaluate(signal.expr, window, ENGINE) for signal in (s.RUNNING, s.WAITING))
    for group, value in waiting.items():
        runs = running[group].number if group in running else 0.0
        if found is None and value.number > 0 and runs == 0 and group not in asleep:
            told = say("{waiting} requests wait and none runs", waiting=round(value.number))
            yield _noticed(n.STUCK, group, told, value.number)


def engine_name(group: Group) -> str:
    """An engine by its target and rank, or by what Ray calls it; other things by every label that they have."""
    held = dict(group)
    keys: list[str] = [key for key in ("instance", "engine", "ReplicaId") if key in held]
    return ", ".join(f"{key} {value}" for key, value in ([(key, held[key]) for key in keys] or sorted(group))) or "?"
