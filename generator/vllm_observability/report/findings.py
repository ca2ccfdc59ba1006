"""What was judged -> findings in words."""

from __future__ import annotations

from collections.abc import Sequence

from vllm_observability.catalog import signals as s
from vllm_observability.model import Check, Notice, Raw, Unit
from vllm_observability.pages.evaluate import Value
from vllm_observability.report.figures import model_of
from vllm_observability.report.noticing import engine_name
from vllm_observability.report.records import RANK, Finding, Judged
from vllm_observability.report.remedies import remedy
from vllm_observability.report.state import States
from vllm_observability.words.phrases import Phrase, Quantity, say


def findings(judged: Sequence[Judged], states: States) -> tuple[Finding, ...]:
    """Everything that was judged, gravest first."""
    return tuple(sorted((finding(row, states) for row in judged), key=lambda finding: -RANK[finding.severity]))


def finding(row: Judged, states: States) -> Finding:
    """What was judged, in words."""
    check, bad = row.check, row.severity != "ok"
    words = remedy(row, states.of(row.group)) if bad else None
    ok = say(check.signal.title) if isinstance(check, Check) else say(check.title)
    return Finding(
        id=check.id,
        severity=row.severity,
        area=check.area,
        title=words.title if words else ok,
        evidence=_evidence(row, check, states),
        advice=words.advice if words else None,
        cause=words.cause if words else None,
        alert=check.alert,
        labels=row.group,
    )


def _evidence(row: Judged, check: Check | Notice, states: States) -> Phrase:
    """With the part of a model that it is of, where parts are kept apart."""
    if isinstance(check, Notice):
        fact = row.evidence or say("")
    elif row.evidence:
        fact = _told(row, check, row.evidence, states.of(row.group).engines)
    else:
        fact = _asked(row, check) if isinstance(check.signal.expr, Raw) else _of_page(row, check)
    part = states.part(row.group)
    return say("{part}: {fact}", part=part, fact=fact) if part else fact


def _told(row: Judged, check: Check, evidence: Phrase, engines: int) -> Phrase:
    """As a page tells it, with the engine where a model has several."""
    if row.bound is not None and row.limit:
        evidence = say(
            "{fact} ({value}, past the threshold of {limit})",
            fact=evidence,
            value=_shown(check, row.value),
            limit=_limit(row, check),
        )
    if engines < 2 or row.group == model_of(row.group):
        return evidence
    more = say("; {n} more like it", n=row.others) if row.others else say("")
    return say("{engine}: {fact}{more}", engine=engine_name(row.group), fact=evidence, more=more)


def _limit(row: Judged, check: Check) -> Quantity:
    return Quantity(row.limit or 0.0, check.unit)


def _fact(row: Judged, check: Check, where: Phrase) -> Phrase:
    """Signal, number and bound; `where` names the engine or the model."""
    signal, value, limit = say(check.signal.title), _shown(check, row.value), _limit(row, check)
    if row.bound is None:
        return say("{signal}: {value}{where} (threshold {limit})", signal=signal, value=value, where=where, limit=limit)
    return say(
        "{signal}: {value}{where}, past the threshold of {limit}",
        signal=signal,
        value=value,
        where=where,
        limit=limit,
    )


def _shown(check: Check, value: Value) -> Quantity:
    return Quantity(value.number, check.signal.unit, value.quality)


# ---------------------------------------------------------------------------------- of checks on pages


def _of_page(row: Judged, check: Check) -> Phrase:
    fact = _fact(row, check, _worst_engine(row, check))
    if row.missing is None:
        return fact
    n = Quantity(row.missing.observed or 0.0, Unit.COUNT)
    return say("{fact}, but from {n} observations only: too few to judge", fact=fact, n=n)


def _worst_engine(row: Judged, check: Check) -> Phrase:
    """Names the engine that is farthest off, where there are several and they differ."""
    engines = row.engines
    if len(engines) < 2:
        return say("")
    farthest = max if check.op == ">" else min
    worst = farthest(engines, key=lambda g: engines[g].number)
    name = engine_name(worst)
    if check.signal is s.KV_USAGE:  # its number is that of the fullest engine
        return say(" on {engine} of {n}", engine=name, n=len(engines))
    if all(value == engines[worst] for value in engines.values()):
        return say("")
    value = _shown(check, engines[worst])
    return say(" (worst of {n}: {engine} with {value})", engine=name, n=len(engines), value=value)


# ------------------------------------------------------------------------- of checks that a Prometheus answers


def _asked(row: Judged, check: Check) -> Phrase:
    of_model = check.level == "model"
    name = (row.model or "?") if of_model else engine_name(row.group)
    if row.bound is not None and row.limit is None:  # an event: that it is there says all, save for how many requests
        value = _shown(check, row.value)
        counted = say(" ({n} requests)", n=value) if check.unit is Unit.REQUESTS else say("")
        fact = say("{signal}: {name}{counted}", signal=say(check.signal.title), name=name, counted=counted)
    else:
        fact = _fact(row, check, say(" for {model}", model=name) if of_model else say(" on {engine}", engine=name))
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
