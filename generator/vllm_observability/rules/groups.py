"""Rule groups of a size that every store takes.

Mimir and Grafana Cloud refuse groups of more than 20 rules unless told otherwise. Groups are evaluated side by side, so
rules that read each other's series stay in one group: they would read numbers of the cycle before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from vllm_observability.rules.records import Rule, RuleGroup

MOST_RULES = 20
_SERIES = re.compile(r"[a-zA-Z_]\w*(?::\w+)+")


def small(groups: Iterable[RuleGroup]) -> tuple[RuleGroup, ...]:
    """The same rules in the same order, in groups of at most 20: `name`, `name-2`, `name-3`, …

    ValueError where more than 20 rules read each other.
    """
    return tuple(part for group in groups for part in _split(group))


def _split(group: RuleGroup) -> list[RuleGroup]:
    if len(group.rules) <= MOST_RULES:
        return [group]
    parts: list[list[Rule]] = [[]]
    for bundle in _bundles(group.rules):
        if len(bundle) > MOST_RULES:
            raise ValueError(f"{group.name}: {len(bundle)} rules read each other, over the {MOST_RULES} of a group")
        if len(parts[-1]) + len(bundle) > MOST_RULES:
            parts.append([])
        parts[-1] += bundle
    return [
        replace(group, name=group.name if number == 1 else f"{group.name}-{number}", rules=_in_order(part, group.rules))
        for number, part in enumerate(parts, 1)
    ]


def _bundles(rules: Sequence[Rule]) -> list[list[Rule]]:
    """Rules that have to be together, by the first of each: those that read each other, and those of one name."""
    bundles: dict[int, list[Rule]] = {}
    bundle_of: dict[str, int] = {}  # name of a series or an alert -> its bundle
    for number, rule in enumerate(rules):
        own = rule.record or rule.alert or ""
        joined = sorted({bundle_of[name] for name in (own, *_SERIES.findall(rule.expr)) if name in bundle_of})
        first = joined[0] if joined else number
        bundles[first] = [*(each for bundle in joined for each in bundles.pop(bundle)), rule]
        bundle_of = {name: first if bundle in joined else bundle for name, bundle in bundle_of.items()} | {own: first}
    return [bundles[first] for first in sorted(bundles)]


def _in_order(part: Sequence[Rule], rules: Sequence[Rule]) -> tuple[Rule, ...]:
    inside = {id(rule) for rule in part}
    return tuple(rule for rule in rules if id(rule) in inside)
