"""A name -> what it is, in plain words, with its query: metrics, figures, checks, alerts, recorded series; boards."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from vllm_observability import model
from vllm_observability.boards.panel_words import with_objectives
from vllm_observability.catalog import (
    beside,
    board_signals,
    boards,
    capacity_signals,
    checks,
    fleet_signals,
    metrics,
    signals,
    slo,
)
from vllm_observability.catalog.boards import Board
from vllm_observability.model import Buckets, Check, Metric, Part, Signal, asks
from vllm_observability.pages.snapshot import lookup
from vllm_observability.queries.promql import VLLM
from vllm_observability.queries.reads import By, Use, uses
from vllm_observability.rules.budgets import burn_hold
from vllm_observability.rules.records import Rule, RuleGroup
from vllm_observability.rules.site import Rules, rules_for
from vllm_observability.settings import Settings
from vllm_observability.settings.checking import only_joined
from vllm_observability.settings.reasons import reason

Lines = list[str]
SIGNALS = {
    signal.id: signal for signal in (*signals.ALL, *fleet_signals.ALL, *board_signals.ALL, *capacity_signals.ALL)
}


class UnknownName(LookupError):
    """No such name; the sentence names near ones."""


@dataclass(frozen=True)
class Explanation:
    """A heading and paragraphs; lines that start with four blanks are queries."""

    title: str
    lines: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join((self.title, "", *self.lines)) + "\n"


def explain(name: str, settings: Settings) -> Explanation:
    """What a name is. Metrics may be given under any name they have had, alerts and checks by theirs."""
    return explained(name, rules_for(settings))


def explained(name: str, site: Rules) -> Explanation:
    """The same by the rules of a site, for whoever has them already."""
    bare, settings = name.strip(), site.settings
    recorded = [rule.record for rule in _rules(site.recording) if rule.record]
    if bare in recorded:
        return _series(bare, site)
    found = [check for check in settings.checks if bare in (check.alert, check.id)]
    if found:
        return _alert(found, site)
    budget = next((b for b in slo.BUDGETS if bare == b.alert), None)
    if budget:
        return _budget(budget, site)
    metric = _metric_named(bare, settings)
    if bare in SIGNALS:
        figure = _signal(SIGNALS[bare], site)
        if metric is None:
            return figure
        both = _metric(metric, settings)
        return replace(both, lines=(*both.lines, "", "A figure of the report has the same name:", *figure.lines))
    if metric := metric or metrics.BY_ID.get(bare):
        return _metric(metric, settings)
    if board := next((each for each in settings.drawn if bare.lower() in _called(each)), None):
        return _board(board, site)
    if missing := only_joined(bare):
        raise UnknownName(missing)
    raise UnknownName(_suggestion(bare, [*recorded, *_names()]))


def _names() -> Iterator[str]:
    for check in (*checks.ALL, *beside.CHECKS):
        yield from (check.id, check.alert or check.id)
    yield from (budget.alert for budget in slo.BUDGETS)
    yield from SIGNALS
    yield from (board.slug for board in boards.ALL)
    for metric in metrics.ALL:
        yield metric.id
        yield from (one.text for one in metric.names)


def _suggestion(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, dict.fromkeys(known), n=3, cutoff=0.5)
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    return f"there is no metric, figure, check, alert, recorded series or board named {name!r}{hint}"


def _rules(groups: Iterable[RuleGroup]) -> Iterator[Rule]:
    return (rule for group in groups for rule in group.rules)


def _metric_named(name: str, settings: Settings) -> Metric | None:
    """By any series name under any prefix of the site, or by a family name, which a histogram's series don't have."""
    for prefix in (VLLM, *settings.metric_prefixes):
        for part in ("", Part.BUCKET.value, Part.SUM.value):
            if known := lookup(name + part, prefix):
                return known.metric
    return None


def _called(board: Board) -> tuple[str, ...]:
    """The names under which somebody looks for a board."""
    return board.slug, board.title.lower(), board.name.lower()


# ------------------------------------------------------------------------------------------ one of each


def _board(board: Board, site: Rules) -> Explanation:
    lines = [
        board.question,
        f"Files: dashboards/{board.slug}.json, over raw series, and dashboards/fleet/{board.slug}.json.",
    ]
    for section in board.sections:
        lines.append(f"{section.title or 'On top'}:")
        for chart in section.charts:
            if kept := with_objectives(chart, site.settings):
                ids = [signal.id for signal in kept.signals if signal.id in SIGNALS]
                lines.append(f"  {kept.title}" + (f" ({', '.join(dict.fromkeys(ids))})" if ids else ""))
    return Explanation(f"{board.title}: a board", tuple(lines))


def _metric(metric: Metric, settings: Settings) -> Explanation:
    lines = [metric.meaning]
    lines += [metric.notes] if metric.notes else []
    lines.append(f"A {metric.kind.value}{f' in {metric.unit.value}' if metric.unit.value else ''}.")
    lines += [f"Shows data only with: {metric.condition}."] if metric.condition else []
    lines.append("Names, newest first:")
    for one in metric.names:
        until = f"to {one.until}" if one.until else "on"
        generation = "" if one.engine == "both" else f", {one.engine} engine"
        hidden = f" (hidden to {one.hidden_until})" if one.hidden_until else ""
        lines.append(f"  {one.text}: vLLM {one.since} {until}{hidden}{generation}")
    lines.append("Labels: " + (", ".join(metric.labels) or "none") + ".")
    lines += [_buckets(buckets) for buckets in metric.buckets]
    users = [use for use in uses(settings) if metric in model.metrics(use.node)]
    found = _readers(users, [s.id for s in SIGNALS.values() if metric in model.metrics(s.expr)])
    lines += ["Read by:", *found] if found else ["Read by: nothing; known so that it isn't taken for something else."]
    return Explanation(metric.names[0].text, tuple(lines))


_READERS: tuple[tuple[By, str], ...] = (
    ("figure", "figures"),
    ("report", "the report beyond figures"),
    ("alert", "alerts"),
    ("budget", "error budgets"),
    ("panel", "panels"),
    ("runbook", "runbooks"),
)


def _readers(users: Iterable[Use], questions: Iterable[str]) -> Lines:
    """Who reads a metric or asks a question, by kind; `questions`: ids of signals, of which figures are named apart."""
    named: dict[str, list[str]] = {}
    for use in users:
        named.setdefault(use.by, []).append(use.name)
    figures = named.get("figure", [])
    named["report"] = [name for name in named.get("report", []) if name not in figures]
    lines = [f"  {title}: {'; '.join(dict.fromkeys(named[by]))}" for by, title in _READERS if named.get(by)]
    if others := [id for id in questions if id not in (*figures, *named["report"])]:
        lines.append(f"  other questions: {'; '.join(others)}")
    return lines


def _buckets(buckets: Buckets) -> str:
    until = f"to {buckets.until}" if buckets.until else "on"
    bounds = " ".join(f"{bound:g}" for bound in buckets.bounds) or "depend on the model"
    return f"Bucket bounds, vLLM {buckets.since} {until}: {bounds}"


def _signal(signal: Signal, site: Rules) -> Explanation:
    level, planned = signal.levels[0], site.planned
    recorded = planned.find(level, signal.expr)
    lines = [f"{signal.title}. {signal.meaning}"]
    if recorded:
        lines.append(f"Recorded as {recorded.name}.")
    try:
        lines += ["Over raw series:", *_query(planned.raw_reader(level).text(signal.expr))]
    except ValueError:  # made of recorded series only
        lines += ["Query:", *_query(planned.reader(level).text(signal.expr))]
    judged = [check for check in checks.ALL if check.signal is signal]
    lines += [f"Judged by {check.alert or check.id}." for check in judged]
    users = [use for use in uses(site.settings) if asks(use.node, signal.expr)]
    others = [s.id for s in SIGNALS.values() if s is not signal and asks(s.expr, signal.expr)]
    lines += ["A figure of the report."] if signal.figure else []
    found = _readers((use for use in users if use.by != "figure" or use.name != signal.id), others)
    return Explanation(signal.id, (*lines, *(["Asked by:", *found] if found else ())))


def _alert(found: list[Check], site: Rules) -> Explanation:
    settings = site.settings
    name = found[0].alert or found[0].id
    lines = []
    for check in found:
        of = "".join(f" ({value})" for _, value in check.labels)
        lines += [f"{check.summary}{of}", f"Cause: {check.cause}", f"Advice: {check.advice}"]
        for bound in check.bounds:
            number = settings.bound(check, bound)
            limit = "at once" if number is None else f"{check.signal.title} {check.op} {number:g}"
            lines.append(
                f"  {bound.severity}: {limit}, for {settings.hold(check, bound)}: {reason(check, bound, settings)}."
            )
            given = [each for each in bound.when if not (each.by_default and settings.chose(check, bound))]
            lines += [f"    and {c.signal.title} {c.op} {c.value:g}: {c.why}." for c in given]
        if any(bound.value is not None for bound in check.bounds):
            lines.append(f"Change it in the settings under thresholds: {check.id}.")
    lines += _rule_queries(name, site)
    return Explanation(name, tuple(lines))


def _budget(budget: slo.Budget, site: Rules) -> Explanation:
    lines = [
        f"The error budget for {budget.title} is spent too fast.",
        f"Cause: {budget.cause}",
        f"Advice: {budget.advice}",
    ]
    for objective in site.settings.objectives:
        if objective.of == budget.kind:
            lines.append(
                f"Objective for models {objective.match}: {objective.target * 100:g} % of the "
                f"{budget.counted(objective.within)} {budget.promised(objective.within)}."
            )
    for burn in (each for each in slo.BURNS if budget.kind in each.kinds):
        still = "" if burn.short == burn.long else f", and still over {burn.short}"
        still += f", up to {burn.keeps} ago" if burn.keeps else ""
        still += f", and not clean for the last {site.settings.last_moments}" if burn.pages else ""
        lines.append(
            f"  {burn.severity}: {burn.share * 100:g} % of {slo.PERIOD_DAYS} days' budget in {burn.long} "
            f"({burn.factor:g} times too fast){still}; for {burn_hold(burn, site.settings)}."
        )
    return Explanation(budget.alert, (*lines, *_rule_queries(budget.alert, site)))


def _rule_queries(alert: str, site: Rules) -> Lines:
    lines: Lines = []
    for rule in (rule for rule in _rules(site.alerting) if rule.alert == alert):
        labels = ", ".join(f"{key}={value}" for key, value in rule.labels)
        lines += [f"Fires ({labels}) where:", *_query(rule.expr)]
    return lines or ["Not emitted: alerts_off names it, or it has no objective."]


def _series(name: str, site: Rules) -> Explanation:
    level, settings, planned = name.partition(":")[0], site.settings, site.planned
    labels = settings.model_labels if level == "model" else settings.engine_labels
    lines = [f"A recorded series, one per {level}: {', '.join(labels)}."]
    found = (
        node
        for table in (planned.parts, planned.signals)
        for at in table.values()
        for node, r in at.items()
        if r.name == name
    )
    node = next(found, None)
    signal = next((s for s in SIGNALS.values() if s.expr == node), None)
    lines += [f"{signal.title}. {signal.meaning}"] if signal else []
    same = [r for r in _rules(site.recording) if r.record == name]
    for one in same:
        head = "Recorded by" + "".join(f" ({key}={value})" for key, value in one.labels) + ":"
        lines += [head, *_query(one.expr)]
    users = [rule.alert for rule in _rules(site.alerting) if name in rule.expr]
    lines.append("Read by alerts: " + (", ".join(dict.fromkeys(a for a in users if a)) or "none") + ".")
    return Explanation(name, tuple(lines))


def _query(text: str) -> Lines:
    return [f"    {line}" for line in text.splitlines()]
