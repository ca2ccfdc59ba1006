"""Catalogue -> rule groups, as plain data.

Recorded series come in three layers, each reading the one before: parts (rates, bucket rates and gauges, summed to a
level), signals made of parts, and thresholds. One group per topic holds all three, in that order, so that nothing reads
a number of the cycle before. Old names, prefixes and `pid` labels end here: whoever reads a recorded series needs none
of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from vllm_observability.catalog import boards
from vllm_observability.catalog import checks as check_rows
from vllm_observability.catalog import metrics as m
from vllm_observability.catalog import signals as s
from vllm_observability.model import (
    Bound,
    Check,
    Condition,
    Growth,
    Level,
    Matcher,
    Node,
    Owner,
    Part,
    Rule,
    RuleGroup,
    Scope,
    Signal,
    Unit,
    leaves,
)
from vllm_observability.promql import Reader, Recorded, either, fold, operand, selector
from vllm_observability.settings import Settings

LEVELS: tuple[Scope, ...] = ("engine", "model")


# ------------------------------------------------------------------------------------------ what to record


def signals_needed() -> tuple[Signal, ...]:
    """Signals that alerts and fleet boards read, conditions included, each once."""
    found: dict[str, Signal] = {signal.id: signal for signal in s.ALL if signal.record}
    for check in check_rows.ALL:
        for signal in (check.signal, *(c.signal for bound in check.bounds for c in bound.when)):
            found.setdefault(signal.id, signal)
    for signal in (s.RUNNING, s.WAITING, s.KV_USAGE, s.KV_USAGE_MEAN, s.REQUEST_RATE, s.PROMPT_RATE, s.GENERATION_RATE):
        found.setdefault(signal.id, signal)
    return tuple(found.values())


@dataclass(frozen=True)
class Plan:
    """Every recorded node by level, with the topic of the group that records it."""

    settings: Settings
    parts: Mapping[Scope, Mapping[Node, Recorded]]
    signals: Mapping[Scope, Mapping[Node, Recorded]]
    topics: Mapping[Node, str]

    def find(self, level: Scope, node: Node) -> Recorded | None:
        """The recorded series of a node at a level; a gauge recorded under another aggregation serves per engine."""
        found = self.signals[level].get(node) or self.parts[level].get(node)
        if found is None and level == "engine" and isinstance(node, Level):
            found = next((r for n, r in self.parts[level].items() if isinstance(n, Level) and _same(n, node)), None)
        return found

    def reader(self, level: Scope) -> Reader:
        """A reader that puts recorded series in, for alerts and fleet boards."""
        return self._reader(level, lambda node: self.find(level, node))

    def raw_reader(self, level: Scope) -> Reader:
        """A reader over raw series."""
        return self._reader(level, lambda _: None)

    def _reader(self, level: Scope, recorded: Callable[[Node], Recorded | None]) -> Reader:
        settings = self.settings
        by = settings.model_labels if level == "model" else settings.engine_labels
        return Reader(
            by=by,
            window=settings.rate_window,
            prefixes=settings.metric_prefixes,
            foreign=settings.target_selector,
            recorded=recorded,
        )


def _same(one: Level, other: Level) -> bool:
    return (one.metric, one.where, one.at_least) == (other.metric, other.where, other.at_least)


def plan(settings: Settings) -> Plan:
    """Names and levels of everything to record."""
    parts: dict[Scope, dict[Node, Recorded]] = {"engine": {}, "model": {}}
    signals: dict[Scope, dict[Node, Recorded]] = {"engine": {}, "model": {}}
    topics: dict[Node, str] = {}
    for signal in signals_needed():
        for level in signal.levels:
            labels = settings.model_labels if level == "model" else settings.engine_labels
            for leaf in leaves(signal.expr):
                parts[level].setdefault(leaf, Recorded(_part_name(level, leaf, settings), (*labels, *_kept(leaf))))
                topics.setdefault(leaf, leaf.metric.topic)
            if signal.record:
                signals[level][signal.expr] = Recorded(signal_name(level, signal, settings), labels)
                topics.setdefault(signal.expr, next(leaves(signal.expr)).metric.topic)
    return Plan(settings, parts, signals, topics)


def _kept(leaf: Level | Growth) -> tuple[str, ...]:
    if isinstance(leaf, Growth):
        return ("le",) if leaf.part is Part.BUCKET else leaf.metric.split
    return ()


def _part_name(level: Scope, leaf: Level | Growth, settings: Settings) -> str:
    if isinstance(leaf, Level):
        return f"{level}:vllm_{leaf.metric.id}:{leaf.agg}"
    return f"{level}:vllm_{leaf.metric.id}{leaf.part.value}:rate{settings.rate_window}"


def signal_name(level: Scope, signal: Signal, settings: Settings) -> str:
    """`level:vllm_stem:operation`, with the window where the operation has one."""
    flows = any(isinstance(leaf, Growth) for leaf in leaves(signal.expr))
    return f"{level}:vllm_{signal.record}" + (f"_rate{settings.rate_window}" if flows else "")


def threshold_name(check: Check) -> str:
    """The recorded series of a check's bounds, one per model and severity."""
    return f"model:vllm_{check.id}:threshold"


# ------------------------------------------------------------------------------------------- recording rules


def recording_groups(settings: Settings) -> tuple[RuleGroup, ...]:
    """All recording rules, a group per topic."""
    planned = plan(settings)
    by_topic: dict[str, list[Rule]] = {}
    for level in LEVELS:
        for node, recorded in planned.parts[level].items():
            by_topic.setdefault(planned.topics[node], []).append(_part_rule(planned, level, node, recorded))
    for level in LEVELS:
        for node, recorded in planned.signals[level].items():
            topic = planned.topics[node]
            by_topic[topic].append(Rule(_signal_expr(planned, level, node, topic), record=recorded.name))
    for check in check_rows.ALL:
        topic = next(leaves(check.signal.expr)).metric.topic
        by_topic[topic] += _threshold_rules(planned, check)
    return tuple(RuleGroup(f"vllm-{topic}", tuple(rules)) for topic, rules in by_topic.items())


def _part_rule(planned: Plan, level: Scope, node: Node, recorded: Recorded) -> Rule:
    """A model-level part is summed from the engine-level one where there is one: it reads fewer series."""
    engine = planned.find("engine", node) if level == "model" else None

    def lookup(wanted: Node) -> Recorded | None:
        return engine if wanted == node else None

    reader = replace(planned.raw_reader(level), by=recorded.labels, recorded=lookup)
    if isinstance(node, Growth):
        return Rule(reader.rates(node.metric, node.part), record=recorded.name)
    return Rule(reader.text(node), record=recorded.name)


def _signal_expr(planned: Plan, level: Scope, node: Node, topic: str) -> str:
    """From recorded parts of the same group; another group's parts may be a cycle old, so those are read raw."""

    def lookup(wanted: Node) -> Recorded | None:
        if wanted == node or planned.topics.get(wanted) != topic:
            return None
        return planned.find(level, wanted)

    return replace(planned.raw_reader(level), recorded=lookup).text(node)


def _threshold_rules(planned: Plan, check: Check) -> list[Rule]:
    """A bound per model: the first override that matches, else the default; wherever the signal or the model is."""
    settings = planned.settings
    labels = ", ".join(settings.model_labels)
    rules = []
    for bound in check.bounds:
        branches = []
        for override in settings.models:
            value = override.thresholds.get(check.id, {}).get(bound.severity)
            if value is not None:
                models = _universe(planned, check, (("model_name", "=~", override.match),))
                branches.append(fold(f"group by ({labels}) (", models, f") * {value:g}"))
        models = _universe(planned, check)
        branches.append(fold(f"group by ({labels}) (", models, f") * {settings.bound(check, bound):g}"))
        rules.append(
            Rule("\nor\n".join(branches), record=threshold_name(check), labels=(("severity", bound.severity),))
        )
    return rules


def _universe(planned: Plan, check: Check, where: tuple[Matcher, ...] = ()) -> str:
    """Series that stand for "this model is there": the signal's own and, beside it, the engine's raw running gauge."""
    own = planned.find("model", check.signal.expr)
    texts = []
    if own:
        texts.append(selector(own.name, where))
    if next(leaves(check.signal.expr)).metric.owner is Owner.ENGINE:
        texts += planned.raw_reader("model").series(m.REQUESTS_RUNNING, where=where)
    return either(texts)


# ------------------------------------------------------------------------------------------------ alerts


def alert_groups(settings: Settings) -> tuple[RuleGroup, ...]:
    """One group of alerts, in the order of the catalogue; warning and critical of one alert share its name."""
    planned = plan(settings)
    rules = [_alert(planned, check, bound) for check in check_rows.ALL if check.alert for bound in check.bounds]
    return (RuleGroup("vllm-alerts", tuple(rules)),)


def _alert(planned: Plan, check: Check, bound: Bound) -> Rule:
    reader = planned.reader(check.level)
    settings = planned.settings
    on = ", ".join(settings.model_labels)
    threshold = f'{threshold_name(check)}{{severity="{bound.severity}"}}'
    many = " group_left ()" if check.level == "engine" else ""
    expr = f"{operand(reader.text(check.signal.expr))}\n{check.op} on ({on}){many}\n{threshold}"
    for condition in bound.when:
        expr += f"\nand on ({on})\n" + _condition(planned, condition)
    return Rule(
        expr,
        alert=check.alert,
        hold=bound.hold,
        labels=(("severity", bound.severity),),
        annotations=(
            ("summary", check.summary),
            ("description", _described(settings, check, bound)),
            ("runbook_url", settings.runbook_url.format(alert=check.alert)),
            ("dashboard_url", _dashboard_url(settings, check)),
        ),
    )


def _dashboard_url(settings: Settings, check: Check) -> str:
    url = settings.dashboard_url.format(board=boards.uid(check.board))
    engine = next(leaves(check.signal.expr)).metric.owner is Owner.ENGINE
    return f"{url}?var-model_name={{{{ $labels.model_name | urlquery }}}}" if engine else url


def _condition(planned: Plan, condition: Condition) -> str:
    text = planned.reader("model").text(condition.signal.expr)
    return f"({operand(text)} {condition.op} {condition.value:g})"


_HUMANIZE = {
    Unit.RATIO: "humanizePercentage",
    Unit.SECONDS: "humanizeDuration",
    Unit.BYTES: "humanize1024",
}


def _described(settings: Settings, check: Check, bound: Bound) -> str:
    """The description as a Prometheus template: the number and the bound in force, in human units."""
    humanize = _HUMANIZE.get(check.signal.unit, 'printf "%.3g"')
    match = ",".join(f"{label}=%q" for label in settings.model_labels)
    args = " ".join(f"$labels.{label}" for label in settings.model_labels)
    query = f'printf `{threshold_name(check)}{{{match},severity="{bound.severity}"}}` {args}'
    bound_text = f"{{{{ with query ({query}) }}}}{{{{ . | first | value | {humanize} }}}}{{{{ end }}}}"
    return check.description.replace("{value}", f"{{{{ $value | {humanize} }}}}").replace("{bound}", bound_text)
