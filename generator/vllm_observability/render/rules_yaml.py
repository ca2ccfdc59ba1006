"""Rule groups -> YAML text as a person would write it: key order as read, long queries as literal blocks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import yaml

from vllm_observability.rules.records import Rule, RuleGroup


class _Dumper(yaml.SafeDumper):
    """Without anchors, without folded lines, with sequences indented under their key."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - PyYAML's own signature
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        super().increase_indent(flow, False)

    def analyze_scalar(self, scalar: str) -> Any:
        """What PyYAML finds out letter by letter, once for each text: a build writes the same rules to many files."""
        if scalar not in _ANALYSED:
            _ANALYSED[scalar] = super().analyze_scalar(scalar)
        return _ANALYSED[scalar]


_ANALYSED: dict[str, Any] = {}


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)
_Dumper.add_multi_representer(str, _text)


def yaml_text(data: object) -> str:
    """Any plain data as YAML."""
    return str(yaml.dump(data, Dumper=_Dumper, sort_keys=False, width=10_000, allow_unicode=True))


def rule_data(rule: Rule) -> dict[str, Any]:
    """A rule as plain data, keys in the order a reader expects."""
    data: dict[str, Any] = {"record": rule.record} if rule.record else {"alert": rule.alert}
    data["expr"] = rule.expr
    if rule.hold and rule.hold != "0m":
        data["for"] = rule.hold
    if rule.labels:
        data["labels"] = dict(rule.labels)
    if rule.annotations:
        data["annotations"] = dict(rule.annotations)
    return data


def group_data(groups: Sequence[RuleGroup]) -> dict[str, Any]:
    """A rule file as plain data."""
    out = []
    for group in groups:
        head: dict[str, Any] = {"name": group.name}
        if group.interval:
            head["interval"] = group.interval
        out.append({**head, "rules": [rule_data(rule) for rule in group.rules]})
    return {"groups": out}


def rules_yaml(groups: Sequence[RuleGroup], heading: str) -> str:
    """A rule file, with a comment on top that says what it is and how to change it."""
    comment = "".join(f"# {line}".rstrip() + "\n" for line in heading.strip().splitlines())
    return comment + yaml_text(group_data(groups))
