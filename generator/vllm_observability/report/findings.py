"""What was judged -> findings in words, and what only a report can notice: stalls, restarts, contradictions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vllm_observability.catalog import signals as s
from vllm_observability.catalog.fleet_checks import STALLED
from vllm_observability.model import Check, Raw, Unit
from vllm_observability.pages.evaluate import Answer, Group, Value, Window, evaluate
from vllm_observability.report.consistency import Contradiction
from vllm_observability.report.records import RANK, Finding, Judged
from vllm_observability.words.phrases import Phrase, Quantity, say


def findings(window: Window, judged: Sequence[Judged], wrong: tuple[Contradiction, ...]) -> tuple[Finding, ...]:
    """Every check that was judged, gravest first, then the report's own judgements."""
    found = [finding(row) for row in judged]
    known = {row.model for row in judged if row.check.id == STALLED.id}
    found += [f for f in _stalls(window) if dict(f.labels).get("model_name") not in known]
    found += [*_restart(window), *_inconsistent(window, wrong)]
    return tuple(sorted(found, key=lambda finding: -RANK[finding.severity]))


def finding(row: Judged) -> Finding:
    """What was judged, in words."""
    check, bad = row.check, row.severity != "ok"
    return Finding(
        id=check.id,
        severity=row.severity,
        area=check.area,
        title=say(check.title) if bad else say(check.signal.title),
        evidence=_asked(row) if isinstance(check.signal.expr, Raw) else _of_page(row),
        advice=say(check.advice) if bad else None,
        cause=say(check.cause) if bad else None,
        alert=check.alert,
        labels=row.group,
    )


def _fact(row: Judged, where: Phrase) -> Phrase:
    """Signal, number and bound; `where` names the engine or the model."""
    signal, value = say(row.check.signal.title), _shown(row.check, row.value)
    limit = Quantity(row.limit or 0.0, row.check.signal.unit)
    if row.bound is None:
        return say("{signal} is {value}{where} (bound {limit})", signal=signal, value=value, where=where, limit=limit)
    return say("{signal} is {value}{where}, past {limit}", signal=signal, value=value, where=where, limit=limit)


def _shown(check: Check, value: Value) -> Quantity:
    return Quantity(value.number, check.signal.unit, value.quality)


# ---------------------------------------------------------------------------------- of checks on pages


def _of_page(row: Judged) -> Phrase:
    fact = _fact(row, _worst_engine(row))
    if row.missing is None:
        return fact
    n = Quantity(row.missing.observed or 0.0, Unit.COUNT)
    return say("{fact}, but from {n} observations only: too few to judge", fact=fact, n=n)


def _worst_engine(row: Judged) -> Phrase:
    """Names the engine that is farthest off, where there are several and they differ."""
    engines = row.engines
    if len(engines) < 2:
        return say("")
    farthest = max if row.check.op == ">" else min
    worst = farthest(engines, key=lambda g: engines[g].number)
    name = engine_name(worst)
    if row.check.signal is s.KV_USAGE:  # its number is that of the fullest engine
        return say(" on {engine} of {n}", engine=name, n=len(engines))
    if all(value == engines[worst] for value in engines.values()):
        return say("")
    value = _shown(row.check, engines[worst])
    return say(" (worst of {n}: {engine} with {value})", engine=name, n=len(engines), value=value)


def engine_name(group: Group) -> str:
    """An engine by its target and rank, or by what Ray calls it; other things by every label that they have."""
    held = dict(group)
    keys: list[str] = [key for key in ("instance", "engine", "ReplicaId") if key in held]
    return ", ".join(f"{key} {value}" for key, value in ([(key, held[key]) for key in keys] or sorted(group))) or "?"


# ------------------------------------------------------------------------- of checks that a Prometheus answers


def _asked(row: Judged) -> Phrase:
    of_model = row.check.level == "model"
    name = (row.model or "?") if of_model else engine_name(row.group)
    if row.bound is not None and row.limit is None:  # an event: that it is there says all, save for how many requests
        value = _shown(row.check, row.value)
        counted = say(" ({n} requests)", n=value) if row.check.signal.unit is Unit.REQUESTS else say("")
        fact = say("{signal}: {name}{counted}", signal=say(row.check.signal.title), name=name, counted=counted)
    else:
        fact = _fact(row, say(" for {model}", model=name) if of_model else say(" on {engine}", engine=name))
    if row.bound is None:
        return fact
    more = say("; {n} more like it", n=row.others) if row.others else say("")
    return say("{fact}{more}{then}", fact=fact, more=more, then=_then(row))


def _then(row: Judged) -> Phrase:
    """What an instant can't know: whether it lasts."""
    if row.missing is not None:
        return say("; too little traffic to judge")
    if row.hold is None:
        return say("")
    return say("; its alert fires after {hold} of this", hold=Quantity(row.hold, Unit.SECONDS))


# ---------------------------------------------------------------------------- the report's own judgements


def _stalls(window: Window) -> Iterator[Finding]:
    """Work is there and nothing moves. One page shows it only where nothing runs; two pages show every case."""
    running, waiting = (evaluate(signal.expr, window, ("model_name",)) for signal in (s.RUNNING, s.WAITING))
    moved = _progress(window)
    for group in {**running, **waiting}:
        r, w = (int(a[group].number) if group in a else 0 for a in (running, waiting))
        numbers = {"running": r, "waiting": w}
        if window.earlier is not None and not window.restarted and r + w > 0 and moved.get(group, 1.0) == 0:
            yield Finding(
                STALLED.id,
                "critical",
                "health",
                say("The engine stands still"),
                say(
                    "{running} running and {waiting} waiting requests, but not one token or step between the two pages",
                    **numbers,
                ),
                say("Restart the server after saving its log; /health can stay 200 while the engine hangs."),
                say("The engine process hangs or has died; the gauges keep their last values."),
                alert=STALLED.alert,
                labels=group,
            )
        elif r == 0 and w > 0:
            yield Finding(
                STALLED.id,
                "warning",
                "health",
                say("The queue may be stuck"),
                say("{waiting} requests wait and none runs", **numbers),
                say("Take a second page some seconds later: if no token was made, the engine is stalled."),
                say("A request larger than the whole KV cache blocks the queue, or the engine has stopped."),
                alert=STALLED.alert,
                labels=group,
            )


def _progress(window: Window) -> dict[Group, float]:
    """Tokens made and steps done in the window, per model; a model without either metric is absent."""
    total: dict[Group, float] = {}
    for signal in (s.GENERATION_TOKENS, s.STEPS):
        found: Answer = evaluate(signal.expr, window, ("model_name",))
        for group, value in found.items():
            total[group] = total.get(group, 0.0) + value.number
    return total


def _restart(window: Window) -> Iterator[Finding]:
    if window.restarted:
        yield Finding(
            "restarted",
            "info",
            "health",
            say("The server restarted between the two pages"),
            say("counters fell or the start time moved; growth is counted since the restart"),
        )


def _inconsistent(window: Window, wrong: tuple[Contradiction, ...]) -> Iterator[Finding]:
    for contradiction in wrong:
        yield Finding(
            "inconsistent_histogram",
            "info",
            "health",
            say("A histogram contradicts itself"),
            say("{metric}: {why}", metric=contradiction.metric.names[0].text, why=contradiction.why),
            labels=contradiction.group,
        )
    doubts = window.later.doubts
    if doubts:
        more = say(" (and {n} more, listed under coverage)", n=len(doubts) - 1) if len(doubts) > 1 else say("")
        evidence = say("{first}{more}", first=doubts[0], more=more)
        yield Finding("inconsistent_samples", "info", "health", say("Samples that can't be right"), evidence)
