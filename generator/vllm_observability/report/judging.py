"""The judge: answers and settings -> what every check says, by the same rules for pages and for a Prometheus."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from vllm_observability.catalog import checks
from vllm_observability.model import Bound, Check, Condition, Growth, Quality, Raw
from vllm_observability.pages.evaluate import Answer, Asked, Group, Value, Window, evaluate
from vllm_observability.report.consistency import MODEL, Contradiction
from vllm_observability.report.figures import ENGINE, answer, model_of
from vllm_observability.report.records import RANK, Judged, Judgement, Missing
from vllm_observability.settings import Settings
from vllm_observability.settings.durations import seconds

_COMPARE = {">": operator.gt, "<": operator.lt, ">=": operator.ge, "<=": operator.le}


class Answers(Protocol):
    """Where numbers come from."""

    def rows(self, check: Check) -> Answer | None:
        """The answers to a check's question; None: it can't be asked here."""

    def engines(self, check: Check, /) -> dict[Group, Answer]:
        """What each engine says, by the model whose answer is of them all."""

    def condition(self, condition: Condition, group: Group) -> Value | None:
        """What a further clause of a bound reads, for one model."""


@dataclass(frozen=True)
class OfPages:
    """One page, or the growth between two."""

    window: Window
    wrong: tuple[Contradiction, ...] = ()

    def rows(self, check: Check) -> Answer | None:
        """By model."""
        return None if isinstance(check.signal.expr, Raw) else answer(check.signal, self.window, self.wrong)

    def engines(self, check: Check) -> dict[Group, Answer]:
        """Engines that have a name."""
        found: dict[Group, Answer] = {}
        for engine, value in answer(check.signal, self.window, self.wrong, ENGINE).items():
            if engine != model_of(engine):
                found.setdefault(model_of(engine), {})[engine] = value
        return found

    def condition(self, condition: Condition, group: Group) -> Value | None:
        """What only PromQL can say is not known of a page."""
        expr = condition.signal.expr
        return None if isinstance(expr, Raw) else evaluate(expr, self.window, MODEL).get(group)


@dataclass(frozen=True)
class OfPrometheus:
    """What a Prometheus said of checks that no page can answer."""

    asked: Asked

    def rows(self, check: Check) -> Answer | None:
        """By model, engine, target or scope."""
        expr = check.signal.expr
        return self.asked.answers.get((check.level, expr)) if isinstance(expr, Raw) else None

    def engines(self, _: Check) -> dict[Group, Answer]:
        """None: the rows are of engines already."""
        return {}

    def condition(self, condition: Condition, group: Group) -> Value | None:
        """Of the model."""
        return self.asked.answers.get(("model", condition.signal.expr), {}).get(group)


def judge(window: Window, settings: Settings, wrong: tuple[Contradiction, ...] = ()) -> tuple[Judged, ...]:
    """What each check says of each model, or of all targets together; pages first, then what a Prometheus adds."""
    found = list(judged(OfPages(window, wrong), settings))
    if window.asked:
        found += judged(OfPrometheus(window.asked), settings)
    return tuple(found)


def judged(answers: Answers, settings: Settings) -> Iterator[Judged]:
    """The gravest row of each model, then the farthest off."""
    for check in checks.ALL:
        rows = answers.rows(check)
        if rows is None:
            continue
        groups: dict[Group, list[Judged]] = {}
        for group, value in rows.items():
            model = _model(check, group, settings)
            groups.setdefault(model, []).append(_judged(check, group, model, value, answers, settings))
        engines = answers.engines(check)
        farther = 1 if check.op == ">" else -1
        for each in groups.values():
            worst = max(each, key=lambda row: (RANK[row.severity], farther * row.value.number))
            others = sum(row.severity != "ok" for row in each if row is not worst)
            yield replace(worst, others=others, engines=engines.get(worst.group, {}))


def _model(check: Check, group: Group, settings: Settings) -> Group:
    if check.level in ("target", "scope"):
        return ()
    return tuple(pair for pair in group if pair[0] in settings.model_labels)


def _judged(check: Check, group: Group, model: Group, value: Value, answers: Answers, settings: Settings) -> Judged:
    """The gravest bound that is passed; one that fails only for want of observations is worth a mention, no more."""
    name = dict(group).get("model_name", "")
    limits = {bound.severity: settings.bound_for(check, bound, name) for bound in check.bounds}
    row = Judged(check, group, value, "ok", tuple(limits.items()))
    for bound in sorted(check.bounds, key=lambda b: -RANK[b.severity]):
        limit = limits[bound.severity]
        if limit is not None and not beyond(check, value, limit):
            continue
        missing = _missing(bound, model, answers)
        if missing is None:
            return _past(row, bound.severity, bound, settings)
        if missing.condition.op == ">=" and isinstance(missing.condition.signal.expr, Growth):
            row = _past(row, "info", bound, settings, missing)
    return row


def _past(row: Judged, severity: Judgement, bound: Bound, settings: Settings, missing: Missing | None = None) -> Judged:
    alert = row.check.alert
    waits = alert is not None and alert not in settings.alerts_off and missing is None
    hold = seconds(settings.hold(row.check, bound)) if waits else None
    return replace(row, severity=severity, bound=bound, hold=hold, missing=missing)


def _missing(bound: Bound, model: Group, answers: Answers) -> Missing | None:
    for condition in bound.when:
        found = answers.condition(condition, model)
        if found is None and condition.or_unknown:
            continue
        if found is None or not _COMPARE[condition.op](found.number, condition.value):
            return Missing(condition, found.number if found else None)
    return None


def beyond(check: Check, value: Value, bound: float) -> bool:
    """Only what is certain counts: "under 0.3 s" is not known to exceed anything below it."""
    if value.quality is Quality.BELOW_FIRST and check.op == ">":
        return False
    return bool(_COMPARE[check.op](value.number, bound))
