"""Checks -> findings, and the judgements that only a report can make: stalls, restarts, contradictions."""

from __future__ import annotations

from collections.abc import Iterator

from vllm_observability.catalog import checks as check_rows
from vllm_observability.catalog import signals as s
from vllm_observability.catalog.fleet_checks import STALLED
from vllm_observability.model import Bound, Check, Condition, Growth, Node, Raw, Signal, Unit
from vllm_observability.pages.evaluate import Answer, Group, Value, Window, evaluate
from vllm_observability.report.consistency import Contradiction
from vllm_observability.report.figures import ENGINE, answer, model_of
from vllm_observability.report.fleet import fleet
from vllm_observability.report.judging import beyond, compared, engine_name
from vllm_observability.report.records import RANK, Finding, Judgement
from vllm_observability.settings import Settings
from vllm_observability.words.phrases import Phrase, Quantity, say


def findings(window: Window, settings: Settings, wrong: tuple[Contradiction, ...]) -> tuple[Finding, ...]:
    """Every check that the page can answer, gravest first, then the report's own judgements."""
    found = [
        f for check in check_rows.ALL if _answerable(check.signal.expr) for f in _judged(check, window, settings, wrong)
    ]
    asked = list(fleet(window.asked, settings)) if window.asked else []
    known = {dict(f.labels).get("model_name") for f in asked if f.id == STALLED.id}
    found += asked
    found += [f for f in _stalls(window) if dict(f.labels).get("model_name") not in known]
    found += [*_restart(window), *_inconsistent(window, wrong)]
    return tuple(sorted(found, key=lambda finding: -RANK[finding.severity]))


def _answerable(node: Node) -> bool:
    return not isinstance(node, Raw)


def _judged(check: Check, window: Window, settings: Settings, wrong: tuple[Contradiction, ...]) -> Iterator[Finding]:
    for group, value in answer(check.signal, window, wrong).items():
        severity, bound, missing = _severity(check, group, value, window, settings)
        yield Finding(
            id=check.id,
            severity=severity,
            area=check.area,
            title=say(check.title) if severity != "ok" else say(check.signal.title),
            evidence=_evidence(check, value, bound, missing, group, window, wrong, settings),
            advice=say(check.advice) if severity != "ok" else None,
            cause=say(check.cause) if severity != "ok" else None,
            alert=check.alert,
            labels=group,
        )


def _severity(
    check: Check, group: Group, value: Value, window: Window, settings: Settings
) -> tuple[Judgement, Bound | None, Condition | None]:
    """The gravest bound that is passed; one that fails only for want of observations is worth a mention, no more."""
    model = dict(group).get("model_name", "")
    mention: tuple[Judgement, Bound | None, Condition | None] = ("ok", None, None)
    for bound in sorted(check.bounds, key=lambda b: -RANK[b.severity]):
        limit = settings.bound_for(check, bound, model)
        if limit is None or not beyond(check, value, limit):
            continue
        missing = next((c for c in bound.when if not _holds(c, group, window)), None)
        if missing is None:
            return bound.severity, bound, None
        if missing.op == ">=" and isinstance(missing.signal.expr, Growth):
            mention = ("info", bound, missing)
    return mention


def _holds(condition: Condition, group: Group, window: Window) -> bool:
    if not _answerable(condition.signal.expr):
        return False
    found = evaluate(condition.signal.expr, window, ("model_name",)).get(group)
    return found is not None and compared(found.number, condition)


def _evidence(
    check: Check,
    value: Value,
    bound: Bound | None,
    missing: Condition | None,
    group: Group,
    window: Window,
    wrong: tuple[Contradiction, ...],
    settings: Settings,
) -> Phrase:
    shown = _shown(check.signal, value)
    model = dict(group).get("model_name", "")
    where = _worst_engine(check, group, window, wrong)
    if bound is None:
        gravest = min(check.bounds, key=lambda b: RANK[b.severity])
        limit = Quantity(settings.bound_for(check, gravest, model) or 0.0, check.signal.unit)
        return say(
            "{signal} is {value}{where} (bound {limit})",
            signal=say(check.signal.title),
            value=shown,
            where=where,
            limit=limit,
        )
    limit = Quantity(settings.bound_for(check, bound, model) or 0.0, check.signal.unit)
    if missing is not None:
        n = evaluate(missing.signal.expr, window, ("model_name",)).get(group, Value(0.0))
        return say(
            "{signal} is {value}{where}, past {limit}, but from {n} observations only: too few to judge",
            signal=say(check.signal.title),
            value=shown,
            where=where,
            limit=limit,
            n=Quantity(n.number, Unit.COUNT),
        )
    return say(
        "{signal} is {value}{where}, past {limit}",
        signal=say(check.signal.title),
        value=shown,
        where=where,
        limit=limit,
    )


def _shown(signal: Signal, value: Value) -> Quantity:
    return Quantity(value.number, signal.unit, value.quality)


def _worst_engine(check: Check, group: Group, window: Window, wrong: tuple[Contradiction, ...]) -> Phrase:
    """Names the engine that is farthest off, where there are several and they differ."""
    engines = window.once(("engines", check.id), lambda: _engines(check, window, wrong)).get(group, {})
    if len(engines) < 2:
        return say("")
    farthest = max if check.op == ">" else min
    worst = farthest(engines, key=lambda g: engines[g].number)
    name = engine_name(worst)
    if check.signal is s.KV_USAGE:  # its number is that of the fullest engine
        return say(" on {engine} of {n}", engine=name, n=len(engines))
    if all(value == engines[worst] for value in engines.values()):
        return say("")
    value = _shown(check.signal, engines[worst])
    return say(" (worst of {n}: {engine} with {value})", engine=name, n=len(engines), value=value)


def _engines(check: Check, window: Window, wrong: tuple[Contradiction, ...]) -> dict[Group, Answer]:
    """Engines that have a name, by their model."""
    found: dict[Group, Answer] = {}
    for engine, value in answer(check.signal, window, wrong, ENGINE).items():
        if engine != model_of(engine):
            found.setdefault(model_of(engine), {})[engine] = value
    return found


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
