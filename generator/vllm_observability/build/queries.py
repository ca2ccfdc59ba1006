"""Every query that a build would write, read as Prometheus reads it: none is written that a server would refuse.

Settings are checked one by one; this looks at what comes of them together.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import promql_parser

from vllm_observability.pages.matching import regex_problem
from vllm_observability.rules.records import RuleGroup
from vllm_observability.settings.selectors import SelectorError, unescaped

# Strings, with the operator before them where they are regular expressions. Queries of this bundle have double quotes.
_STRING = re.compile(r'((?:=~|!~)\s*)?"((?:[^"\\\n]|\\.)*)"')
# Variables of Grafana: an interval where a window stands, else a word or a number.
_WINDOW = re.compile(r"\$__(?:rate_interval|interval|range)\b|\$\{__(?:rate_interval|interval|range)\}")
_VARIABLE = re.compile(r"\$\{\w+(?::\w+)?\}|\$\w+")


def unreadable(groups: Iterable[RuleGroup], boards: Mapping[str, str]) -> list[str]:
    """`place: what is wrong` for each query that Prometheus would refuse; `boards`: path -> dashboard as JSON."""
    seen: dict[str, str | None] = {}
    found = []
    for place, text in (*_of_rules(groups), *_of_boards(boards)):
        if text not in seen:
            seen[text] = problem(text)
        if seen[text]:
            found.append(f"{place}: {seen[text]}")
    return found


def problem(text: str) -> str | None:
    """Why Prometheus would refuse a query; None where it takes it. Variables of Grafana may stand in it."""
    refused: list[str] = []

    def judged(match: re.Match[str]) -> str:
        """RE2 judges regular expressions: the parser's engine is another, which takes others."""
        operator, quoted = match.groups()
        if not operator:
            return match[0]
        try:
            if reason := regex_problem(unescaped(quoted)):
                refused.append(f"{match[0]} has no regular expression that Prometheus takes ({reason})")
        except SelectorError as error:
            refused.append(f"{match[0]} {error}")
        return f'{operator}".*"'

    text = _STRING.sub(judged, _VARIABLE.sub("1", _WINDOW.sub("5m", text)))
    if refused:
        return refused[0]
    try:
        promql_parser.parse(text)
    except ValueError as error:
        return f"{error}: {text}"
    return None


def _of_rules(groups: Iterable[RuleGroup]) -> Iterator[tuple[str, str]]:
    for group in groups:
        for rule in group.rules:
            yield f"{group.name}, {rule.record or rule.alert}", rule.expr


def _of_boards(boards: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for path, text in boards.items():
        for panel in _panels(json.loads(text)):
            for target in panel.get("targets", ()):
                if "expr" in target:
                    yield f"{path}, {panel.get('title', '')}", target["expr"]


def _panels(board: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Panels, those of collapsed rows too."""
    for panel in board.get("panels", ()):
        yield panel
        yield from _panels(panel)
