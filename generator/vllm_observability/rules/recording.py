"""Catalogue -> rule groups, as plain data.

Recorded series come in three layers, each reading the one before: parts (rates, bucket rates and gauges, summed to a
level), signals made of parts, and thresholds. One group per topic holds the first two, in that order, so that nothing
reads a number of the cycle before; thresholds, which stay the same, have a group of their own. Buckets are most of
what rules read, so what is made of them has its own groups, recorded less often: a percentile over five minutes hardly
moves in one. Old names, prefixes and `pid` labels end here: whoever reads a recorded series needs none of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from vllm_observability.catalog import signals as s
from vllm_observability.model import Check, Growth, Matcher, Node, Owner, Part, Scope, metrics
from vllm_observability.queries.promql import NATIVE, Recorded, either, number_for_each, operand, selector
from vllm_observability.queries.recorded import HISTOGRAMS, LEVELS, MEMORY, RECORDED, Plan, threshold_name
from vllm_observability.rules.groups import small
from vllm_observability.rules.records import Rule, RuleGroup


def recording_groups(planned: Plan) -> tuple[RuleGroup, ...]:
    """All recording rules but those of objectives, a group per topic."""
    seldom = planned.settings.percentiles_every
    topics = (
        RuleGroup(f"vllm-{topic}", tuple(rules), seldom if topic.endswith(HISTOGRAMS) else None)
        for topic, rules in rules_by_topic(planned).items()
        if topic != s.BUDGETS
    )
    thresholds = [rule for check in planned.settings.checks for rule in _threshold_rules(planned, check)]
    prices = tuple(_price_rules(planned))
    chosen = (RuleGroup("vllm-prices", prices),) if prices else ()
    return small((*topics, RuleGroup("vllm-thresholds", tuple(thresholds)), *chosen))


def rules_by_topic(planned: Plan) -> dict[str, list[Rule]]:
    """Parts, and signals made of them, by topic."""
    by_topic: dict[str, list[Rule]] = {}
    for level in LEVELS:
        for node, recorded in planned.parts[level].items():
            by_topic.setdefault(planned.topics[node], []).append(_part_rule(planned, level, node, recorded))
    for level in RECORDED:
        for node, recorded in planned.signals[level].items():
            topic = planned.topics[node]
            rule = Rule(_signal_expr(planned, level, node, topic), record=recorded.name)
            by_topic.setdefault(topic, []).append(rule)
    return by_topic


def _part_rule(planned: Plan, level: Scope, node: Node, recorded: Recorded) -> Rule:
    """A model-level part is summed from the engine-level one where there is one: it reads fewer series."""
    engine = planned.find("engine", node) if level == "model" else None

    def lookup(wanted: Node) -> Recorded | None:
        return engine if wanted == node else None

    reader = replace(planned.raw_reader(level), by=recorded.labels, recorded=lookup)
    if isinstance(node, Growth) and node.part is Part.BUCKET and node.where:
        return Rule(reader.rates(node.metric, node.part, node.where), record=recorded.name)
    if isinstance(node, Growth) and node.part is Part.BUCKET:
        native = Growth(node.metric)  # recorded just before it, where both kinds are read

        def of_native(wanted: Node) -> Recorded | None:
            return planned.find(level, wanted) if wanted == native else None

        buckets = replace(planned.raw_reader(level), recorded=of_native).buckets(node.metric)
        return Rule(buckets, record=recorded.name)
    if isinstance(node, Growth):
        whole = planned.parts[level].get(Growth(node.metric)) if node.part in NATIVE else None
        if whole and planned.settings.histograms == "native":
            return Rule(f"{NATIVE[node.part]}({whole.name})", record=recorded.name)
        return Rule(reader.rates(node.metric, node.part), record=recorded.name)
    return Rule(reader.text(node), record=recorded.name)


def _signal_expr(planned: Plan, level: Scope, node: Node, topic: str) -> str:
    """From recorded parts of the same group; another group's parts may be a cycle old, so those are read raw."""

    def lookup_at(of: Scope, wanted: Node) -> Recorded | None:
        if wanted == node or topic not in (planned.topics.get(wanted), MEMORY):
            return None
        return planned.find(of, wanted)

    def lookup(wanted: Node) -> Recorded | None:
        return lookup_at(level, wanted)

    return replace(planned.raw_reader(level), recorded=lookup, recorded_at=lookup_at).text(node)


def _threshold_rules(planned: Plan, check: Check) -> list[Rule]:
    """A bound per model: the first override that matches, else the default; wherever the signal or the model is."""
    settings = planned.settings
    rules = []
    for bound in check.bounds:
        default = settings.bound(check, bound)
        if default is None:
            continue
        branches = []
        for override in settings.models:
            value = override.thresholds.get(check.id, {}).get(bound.severity)
            if value is not None:
                branches.append(threshold_branch(planned, check, f"{value:g}", override.match))
        branches.append(threshold_branch(planned, check, f"{default:g}"))
        rules.append(
            Rule("\nor\n".join(branches), record=threshold_name(check), labels=(("severity", bound.severity),))
        )
    return rules


def threshold_branch(planned: Plan, check: Check, value: str, match: str | None = None) -> str:
    """A bound for the models that `match` fits (None: for all), to be joined to others by `or`, the first one first."""
    return number_for_each(planned.settings.model_labels, _universe(planned, check, _fitting(match)), value)


def _fitting(match: str | None) -> tuple[Matcher, ...]:
    return () if match is None else (("model_name", "=~", match),)


def _universe(planned: Plan, check: Check, where: tuple[Matcher, ...] = ()) -> str:
    """Series that stand for "this model is there": the signal's own and, beside it, its running requests."""
    own = planned.find(check.level, check.signal.expr)
    reader = replace(planned.reader(check.level), matchers=where)
    texts = [selector(own.name, where) if own else operand(reader.text(check.signal.expr))]
    if of_models(check) and (running := planned.find("model", s.RUNNING.expr)):
        texts.append(selector(running.name, where))
    return either(texts)


def _price_rules(planned: Plan) -> Iterator[Rule]:
    """What an hour of an engine costs, per model; a model whose price the settings don't say has none."""
    settings = planned.settings
    running = planned.find("model", s.RUNNING.expr)
    prices = [(model.match, model.price_per_engine_hour) for model in settings.models]
    texts = [
        number_for_each(settings.model_labels, selector(running.name, _fitting(match)), f"{price:.10g}")
        for match, price in (*prices, (None, settings.price_per_engine_hour))
        if price is not None and running
    ]
    if texts:
        yield Rule("\nor\n".join(texts), record="model:vllm_price_per_engine_hour:currency")


def of_models(check: Check) -> bool:
    """Whether the check is about models and engines, which the running gauge shows, not about API servers."""
    if check.level in ("target", "scope"):
        return False
    owners = {metric.owner for metric in metrics(check.signal.expr)}
    return not owners or Owner.ENGINE in owners
