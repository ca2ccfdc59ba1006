"""A name -> what it is, in plain words, with its query: metrics, figures, checks, alerts and recorded series."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass, replace

from vllm_observability.catalog import board_signals, checks, fleet_signals, metrics, signals, slo
from vllm_observability.model import Buckets, Check, Metric, Part, Raw, Signal, leaves
from vllm_observability.pages.snapshot import lookup
from vllm_observability.queries.promql import VLLM
from vllm_observability.queries.recorded import plan
from vllm_observability.rules.alerts import alert_groups
from vllm_observability.rules.budgets import slo_alert_groups, slo_groups
from vllm_observability.rules.recording import recording_groups
from vllm_observability.rules.records import Rule
from vllm_observability.settings import Settings
from vllm_observability.settings.reasons import reason

Lines = list[str]
SIGNALS = {signal.id: signal for signal in (*signals.ALL, *fleet_signals.ALL, *board_signals.ALL)}


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
    bare = name.strip()
    recorded = [rule.record for rule in _recorded(settings) if rule.record]
    if bare in recorded:
        return _series(bare, settings)
    found = [check for check in checks.ALL if bare in (check.alert, check.id)]
    if found:
        return _alert(found, settings)
    budget = next((b for b in slo.BUDGETS if bare == b.alert), None)
    if budget:
        return _budget(budget, settings)
    metric = _metric_named(bare, settings)
    if bare in SIGNALS:
        figure = _signal(SIGNALS[bare], settings)
        if metric is None:
            return figure
        both = _metric(metric)
        return replace(both, lines=(*both.lines, "", "A figure of the report has the same name:", *figure.lines))
    if metric := metric or metrics.BY_ID.get(bare):
        return _metric(metric)
    raise UnknownName(_suggestion(bare, [*recorded, *_names()]))


def _names() -> Iterator[str]:
    for check in checks.ALL:
        yield from (check.id, check.alert or check.id)
    yield from (budget.alert for budget in slo.BUDGETS)
    yield from SIGNALS
    for metric in metrics.ALL:
        yield metric.id
        yield from (one.text for one in metric.names)


def _suggestion(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, dict.fromkeys(known), n=3, cutoff=0.5)
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    return f"there is no metric, figure, check, alert or recorded series named {name!r}{hint}"


def _recorded(settings: Settings) -> Iterator[Rule]:
    for group in (*recording_groups(settings), *slo_groups(settings)):
        yield from group.rules


def _metric_named(name: str, settings: Settings) -> Metric | None:
    """By any series name under any prefix of the site, or by a family name, which a histogram's series don't have."""
    for prefix in (VLLM, *settings.metric_prefixes):
        for part in ("", Part.BUCKET.value, Part.SUM.value):
            if known := lookup(name + part, prefix):
                return known.metric
    return None


# ------------------------------------------------------------------------------------------ one of each


def _metric(metric: Metric) -> Explanation:
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
    users = [s.id for s in SIGNALS.values() if metric in _read_by(s)]
    lines.append("Read by: " + (", ".join(users) or "nothing; known so that it isn't taken for something else") + ".")
    return Explanation(metric.names[0].text, tuple(lines))


def _read_by(signal: Signal) -> set[Metric]:
    expr = signal.expr
    direct = {*expr.metrics, *(over.metric for _, over in expr.overs)} if isinstance(expr, Raw) else set()
    return direct | {leaf.metric for leaf in leaves(expr)}


def _buckets(buckets: Buckets) -> str:
    until = f"to {buckets.until}" if buckets.until else "on"
    bounds = " ".join(f"{bound:g}" for bound in buckets.bounds) or "depend on the model"
    return f"Bucket bounds, vLLM {buckets.since} {until}: {bounds}"


def _signal(signal: Signal, settings: Settings) -> Explanation:
    level = signal.levels[0]
    planned = plan(settings)
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
    return Explanation(signal.id, tuple(lines))


def _alert(found: list[Check], settings: Settings) -> Explanation:
    name = found[0].alert or found[0].id
    lines = []
    for check in found:
        of = "".join(f" ({value})" for _, value in check.labels)
        lines += [f"{check.summary}{of}", f"Cause: {check.cause}", f"Advice: {check.advice}"]
        for bound in check.bounds:
            number = settings.bound(check, bound)
            limit = "as soon as it is so" if number is None else f"{check.signal.title} {check.op} {number:g}"
            lines.append(
                f"  {bound.severity}: {limit}, for {settings.hold(check, bound)}: {reason(check, bound, settings)}."
            )
            lines += [f"    and {c.signal.title} {c.op} {c.value:g}: {c.why}." for c in bound.when]
        if any(bound.value is not None for bound in check.bounds):
            lines.append(f"Change it in the settings under thresholds: {check.id}.")
    lines += _rule_queries(name, settings)
    return Explanation(name, tuple(lines))


def _budget(budget: slo.Budget, settings: Settings) -> Explanation:
    lines = [
        f"The error budget for {budget.title} is spent too fast.",
        f"Cause: {budget.cause}",
        f"Advice: {budget.advice}",
    ]
    for objective in settings.objectives:
        if objective.of == budget.kind:
            within = f" within {objective.within:g} s" if objective.within is not None else ""
            lines.append(
                f"Objective for models {objective.match}: {objective.target * 100:g} % of the {budget.events}{within}."
            )
    for burn in slo.BURNS:
        lines.append(
            f"  {burn.severity}: {burn.share * 100:g} % of {slo.PERIOD_DAYS} days' budget in {burn.long} "
            f"({burn.factor:g} times too fast), and still over {burn.short}; for {burn.hold}."
        )
    return Explanation(budget.alert, (*lines, *_rule_queries(budget.alert, settings)))


def _rule_queries(alert: str, settings: Settings) -> Lines:
    lines: Lines = []
    for group in (*alert_groups(settings), *slo_alert_groups(settings)):
        for rule in group.rules:
            if rule.alert == alert:
                labels = ", ".join(f"{key}={value}" for key, value in rule.labels)
                lines += [f"Fires ({labels}) where:", *_query(rule.expr)]
    return lines or ["Not emitted: alerts_off names it, or it has no objective."]


def _series(name: str, settings: Settings) -> Explanation:
    level = name.partition(":")[0]
    labels = settings.model_labels if level == "model" else settings.engine_labels
    lines = [f"A recorded series, one per {level}: {', '.join(labels)}."]
    planned = plan(settings)
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
    same = [r for r in _recorded(settings) if r.record == name]
    for one in same:
        head = "Recorded by" + "".join(f" ({key}={value})" for key, value in one.labels) + ":"
        lines += [head, *_query(one.expr)]
    users = [r.alert for g in (*alert_groups(settings), *slo_alert_groups(settings)) for r in g.rules if name in r.expr]
    lines.append("Read by alerts: " + (", ".join(dict.fromkeys(a for a in users if a)) or "none") + ".")
    return Explanation(name, tuple(lines))


def _query(text: str) -> Lines:
    return [f"    {line}" for line in text.splitlines()]
