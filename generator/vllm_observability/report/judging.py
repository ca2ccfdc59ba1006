"""The judge: answers and settings -> what every check says, by the same rules for pages and for a Prometheus."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from vllm_observability.catalog import checks, slo
from vllm_observability.model import Bound, Check, Condition, Growth, Quality, Raw, metrics
from vllm_observability.pages.evaluate import Answer, Asked, Group, Value, Window
from vllm_observability.report.consistency import Contradiction
from vllm_observability.report.figures import ENGINE, answer, model_of
from vllm_observability.report.noticing import notices
from vllm_observability.report.page_answers import Tale, Told, clause, plain, tale, teller
from vllm_observability.report.records import RANK, Judged, Judgement, Missing, NotJudged
from vllm_observability.report.state import States
from vllm_observability.settings import Settings
from vllm_observability.settings.durations import seconds
from vllm_observability.words.phrases import Phrase, say

OF_KV_CACHE = (checks.KV_CACHE_USAGE, checks.KV_CACHE_FILLED, checks.PREEMPTIONS)  # without one they say nothing
_COMPARE = {">": operator.gt, "<": operator.lt, ">=": operator.ge, "<=": operator.le}


class Answers(Protocol):
    """Where numbers come from."""

    def rows(self, check: Check) -> Tale | None:
        """The answers to a check's question; None: it can't be asked here."""

    def whole(self, check: Check, group: Group, /) -> Group:
        """The model, or all targets, that a row is of: the gravest of its rows is judged."""

    def engines(self, check: Check, /) -> dict[Group, Answer]:
        """What each engine says, by the model whose answer is of them all."""

    def condition(self, condition: Condition, whole: Group) -> Value | None:
        """What a further clause of a bound reads, for one model."""


@dataclass(frozen=True)
class OfPages:
    """One page, or the growth between two."""

    window: Window
    wrong: tuple[Contradiction, ...] = ()

    def rows(self, check: Check) -> Tale | None:
        """By model, or by engine where a page tells in its own way what only PromQL can ask; None: it has no answer."""
        return self.window.once(("rows", check.id), lambda: self._rows(check))

    def _rows(self, check: Check) -> Tale | None:
        if isinstance(check.signal.expr, Raw):
            asked = self.window.asked
            return None if asked and (check.level, check.signal.expr) in asked.answers else tale(check, self.window)
        found = answer(check.signal, self.window, self.wrong)
        return plain(found) if found else tale(check, self.window)

    def whole(self, _: Check, group: Group) -> Group:
        """The model, or the part of it that is kept apart."""
        return model_of(group)

    def engines(self, check: Check) -> dict[Group, Answer]:
        """Engines that have a name."""
        found: dict[Group, Answer] = {}
        if isinstance(check.signal.expr, Raw):
            return found
        for engine, value in answer(check.signal, self.window, self.wrong, ENGINE).items():
            if engine != model_of(engine):
                found.setdefault(model_of(engine), {})[engine] = value
        return found

    def condition(self, condition: Condition, whole: Group) -> Value | None:
        """By model; None: only PromQL can say."""
        return clause(condition.signal, self.window).get(whole)


@dataclass(frozen=True)
class OfPrometheus:
    """What a Prometheus said of checks that no page can answer."""

    asked: Asked
    model_labels: tuple[str, ...]

    def rows(self, check: Check) -> Tale | None:
        """By model, engine, target or scope."""
        expr = check.signal.expr
        found = self.asked.answers.get((check.level, expr)) if isinstance(expr, Raw) else None
        return None if found is None else plain(found)

    def whole(self, check: Check, group: Group) -> Group:
        """By the site's labels of a model; targets and scopes are judged all together."""
        if check.level in ("target", "scope"):
            return ()
        return tuple(pair for pair in group if pair[0] in self.model_labels)

    def engines(self, _: Check) -> dict[Group, Answer]:
        """None: the rows are of engines already."""
        return {}

    def condition(self, condition: Condition, whole: Group) -> Value | None:
        """Of the model."""
        return self.asked.answers.get(("model", condition.signal.expr), {}).get(whole)


def sources(window: Window, settings: Settings, wrong: tuple[Contradiction, ...] = ()) -> tuple[Answers, ...]:
    """Pages first, then what a Prometheus adds."""
    of_pages = OfPages(window, wrong)
    return (of_pages, OfPrometheus(window.asked, settings.model_labels)) if window.asked else (of_pages,)


def judge(window: Window, settings: Settings, wrong: tuple[Contradiction, ...], states: States) -> tuple[Judged, ...]:
    """What each check says of each model, or of all targets together, and what is noticed beside them."""
    found = [row for answers in sources(window, settings, wrong) for row in judged(answers, settings)]
    found = [row for row in found if states.of(row.group).keeps_kv or row.check not in OF_KV_CACHE]
    return (*found, *notices(window, wrong, states))


def not_judged(
    window: Window, settings: Settings, wrong: tuple[Contradiction, ...], states: States
) -> Iterator[NotJudged]:
    """Alerts of the site that neither pages nor a Prometheus answer here, by the reason."""
    whys: dict[str, Phrase | None] = {}
    told = sources(window, settings, wrong)
    for check in checks.ALL:
        alert = check.alert
        if alert and alert not in settings.alerts_off and whys.get(alert, say("")) is not None:
            whys[alert] = _why_not(check, window, told, states)
    promised = {objective.of for objective in settings.objectives}
    for budget in slo.BUDGETS:
        if budget.kind in promised and budget.alert not in settings.alerts_off:
            whys[budget.alert] = say("budgets are judged over days, by the rules alone")
    found: dict[Phrase, list[str]] = {}
    for alert, why in whys.items():
        if why is not None:
            found.setdefault(why, []).append(alert)
    return (NotJudged(tuple(alerts), why) for why, alerts in found.items())


def _why_not(check: Check, window: Window, told: Sequence[Answers], states: States) -> Phrase | None:
    """Why a check is not judged; None: it is."""
    if check in OF_KV_CACHE and not states.keep_kv:
        return say("this model keeps no KV cache")
    only_asked, asked = isinstance(check.signal.expr, Raw), window.asked
    answers = [rows for each in told if (rows := each.rows(check)) is not None]
    if any(answers) or (only_asked and answers):
        return None
    if only_asked and asked:
        return say("not asked of this Prometheus; see fleet above for the reason")
    how = teller(check)
    if only_asked and not how:
        return say("only a Prometheus can tell")
    if check is checks.ITL and not states.generate:
        return say("this model makes no tokens")
    needed = how.needs if how else (check.signal,)
    lacking = [metric for signal in needed for metric in metrics(signal.expr) if not window.later.has(metric)]
    if lacking:
        return say("{name} is not on this page", name=lacking[0].names[0].text)
    return how.otherwise if how else say("no traffic in the window")


def judged(answers: Answers, settings: Settings) -> Iterator[Judged]:
    """The gravest row of each model, then the farthest off."""
    for check in checks.ALL:
        rows = answers.rows(check)
        if rows is None:
            continue
        groups: dict[Group, list[Judged]] = {}
        for group, told in rows.items():
            whole = answers.whole(check, group)
            groups.setdefault(whole, []).append(_judged(check, group, whole, told, answers, settings))
        engines = answers.engines(check)
        farther = 1 if check.op == ">" else -1
        for each in groups.values():
            worst = max(each, key=lambda row: (RANK[row.severity], farther * row.value.number))
            others = sum(row.severity != "ok" for row in each if row is not worst)
            yield replace(worst, others=others, engines=engines.get(worst.group, {}))


def _judged(check: Check, group: Group, whole: Group, told: Told, answers: Answers, settings: Settings) -> Judged:
    """The gravest bound that is passed; one that fails only for want of observations is worth a mention, no more."""
    name, value = dict(group).get("model_name", ""), told.value
    limits = {bound.severity: settings.bound_for(check, bound, name) for bound in check.bounds}
    row = Judged(check, group, value, "ok", tuple(limits.items()), evidence=told.evidence)
    for bound in sorted(check.bounds, key=lambda b: -RANK[b.severity]):
        limit = limits[bound.severity]
        if limit is not None and not beyond(check, value, limit):
            continue
        given = tuple(each for each in bound.when if not (each.by_default and settings.chose(check, bound, name)))
        missing = _missing(given, whole, answers)
        if missing is None:
            return _past(row, bound.severity if told.sure else "info", bound, settings)
        if missing.condition.op == ">=" and isinstance(missing.condition.signal.expr, Growth):
            row = _past(row, "info", bound, settings, missing)
    return row


def _past(row: Judged, severity: Judgement, bound: Bound, settings: Settings, missing: Missing | None = None) -> Judged:
    alert = row.check.alert
    waits = alert is not None and alert not in settings.alerts_off and missing is None
    hold = seconds(settings.hold(row.check, bound)) if waits and isinstance(row.check, Check) else None
    return replace(row, severity=severity, bound=bound, hold=hold, missing=missing)


def _missing(given: Sequence[Condition], whole: Group, answers: Answers) -> Missing | None:
    for condition in given:
        found = answers.condition(condition, whole)
        if found is None and (condition.by_default or condition.or_unknown):
            continue
        if found is None or not _COMPARE[condition.op](found.number, condition.value):
            return Missing(condition, found.number if found else None)
    return None


def beyond(check: Check, value: Value, bound: float) -> bool:
    """Only what is certain counts: "under 0.3 s" is not known to exceed anything below it."""
    if value.quality is Quality.BELOW_FIRST and check.op == ">":
        return False
    return bool(_COMPARE[check.op](value.number, bound))
