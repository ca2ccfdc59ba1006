"""Checks that only a Prometheus can answer -> findings: by model the engine that is farthest off, or by target."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from vllm_observability.catalog import checks as check_rows
from vllm_observability.model import Bound, Check, Condition, Growth, Node, Raw, Scope, Unit
from vllm_observability.pages.evaluate import Answer, Asked, Group, Value
from vllm_observability.report.judging import beyond, compared, engine_name
from vllm_observability.report.records import RANK, Finding, Judgement
from vllm_observability.settings import Settings
from vllm_observability.settings.durations import seconds
from vllm_observability.words.phrases import Phrase, Quantity, say


def fleet(asked: Asked, settings: Settings) -> Iterator[Finding]:
    """One finding for each model that a check speaks of, or for all targets together."""
    for check in check_rows.ALL:
        rows = asked.answers.get((check.level, check.signal.expr))
        if rows is not None and isinstance(check.signal.expr, Raw):
            yield from _Judge(check, asked.answers, settings).findings(rows)


@dataclass(frozen=True)
class _Judged:
    """One row of an answer; `bound` is that which it is past, `waits` the condition that alone keeps it quiet."""

    group: Group
    value: Value
    severity: Judgement
    bound: Bound | None = None
    waits: Condition | None = None


@dataclass(frozen=True)
class _Judge:
    check: Check
    answers: Mapping[tuple[Scope, Node], Answer]
    settings: Settings

    def findings(self, rows: Answer) -> Iterator[Finding]:
        """The gravest row of each model, then the farthest off."""
        models: dict[Group, list[_Judged]] = {}
        for group, value in rows.items():
            models.setdefault(self._model(group), []).append(self._judged(group, value))
        farther = 1 if self.check.op == ">" else -1
        for judged in models.values():
            worst = max(judged, key=lambda row: (RANK[row.severity], farther * row.value.number))
            others = sum(row.severity != "ok" for row in judged) - 1
            yield self._finding(worst, others)

    def _model(self, group: Group) -> Group:
        if self.check.level in ("target", "scope"):
            return ()
        return tuple(pair for pair in group if pair[0] in self.settings.model_labels)

    def _judged(self, group: Group, value: Value) -> _Judged:
        for bound in sorted(self.check.bounds, key=lambda b: -RANK[b.severity]):
            limit = self._limit(bound, group)
            if limit is not None and not beyond(self.check, value, limit):
                continue
            waits = next((c for c in bound.when if not self._holds(c, group)), None)
            if waits is None:
                return _Judged(group, value, bound.severity, bound)
            if waits.op == ">=" and isinstance(waits.signal.expr, Growth):
                return _Judged(group, value, "info", bound, waits)
        return _Judged(group, value, "ok")

    def _limit(self, bound: Bound, group: Group) -> float | None:
        return self.settings.bound_for(self.check, bound, dict(group).get("model_name", ""))

    def _holds(self, condition: Condition, group: Group) -> bool:
        found = self.answers.get(("model", condition.signal.expr), {}).get(self._model(group))
        return found is not None and compared(found.number, condition)

    def _finding(self, row: _Judged, others: int) -> Finding:
        check, bad = self.check, row.severity != "ok"
        return Finding(
            id=check.id,
            severity=row.severity,
            area=check.area,
            title=say(check.title) if bad else say(check.signal.title),
            evidence=self._evidence(row, others),
            advice=say(check.advice) if bad else None,
            cause=say(check.cause) if bad else None,
            alert=check.alert,
            labels=row.group,
        )

    def _evidence(self, row: _Judged, others: int) -> Phrase:
        check = self.check
        signal, value = say(check.signal.title), Quantity(row.value.number, check.signal.unit)
        name = self._name(row.group)
        where = say(" for {model}", model=name) if check.level == "model" else say(" on {engine}", engine=name)
        if row.bound is None:
            gravest = min(check.bounds, key=lambda b: RANK[b.severity])
            limit = Quantity(self._limit(gravest, row.group) or 0.0, check.signal.unit)
            return say(
                "{signal} is {value}{where} (bound {limit})", signal=signal, value=value, where=where, limit=limit
            )
        number = self._limit(row.bound, row.group)
        if number is None:  # an event: that it is there says all, save for how many requests it is about
            counted = say(" ({n} requests)", n=value) if check.signal.unit is Unit.REQUESTS else say("")
            fact = say("{signal}: {name}{counted}", signal=signal, name=name, counted=counted)
        else:
            limit = Quantity(number, check.signal.unit)
            fact = say("{signal} is {value}{where}, past {limit}", signal=signal, value=value, where=where, limit=limit)
        more = say("; {n} more like it", n=others) if others else say("")
        return say("{fact}{more}{then}", fact=fact, more=more, then=self._then(row))

    def _then(self, row: _Judged) -> Phrase:
        """What an instant can't know: whether it lasts."""
        if row.waits is not None:
            return say("; too little traffic to judge")
        hold = seconds(row.bound.hold) if row.bound else None
        if not hold or self.check.alert in self.settings.alerts_off:
            return say("")
        return say("; its alert fires after {hold} of this", hold=Quantity(hold, Unit.SECONDS))

    def _name(self, group: Group) -> str:
        return dict(group).get("model_name", "?") if self.check.level == "model" else engine_name(group)
