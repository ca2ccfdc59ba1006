"""Checks that no page can answer: each one's own expression, as the alert rules have it, asked of a Prometheus."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from vllm_observability.catalog import checks
from vllm_observability.catalog import signals as s
from vllm_observability.model import Check, Matcher, Node, Raw, Scope, nodes, only_recorded
from vllm_observability.pages.evaluate import Answer, Asked, Group, Value, Why
from vllm_observability.pages.redact import Redaction
from vllm_observability.prometheus.api import Api, QueryRefused
from vllm_observability.queries.promql import Reader, selector
from vllm_observability.queries.recorded import Plan, labels_of

OF_ENGINES = frozenset({"model_name", "engine"})  # labels that series of a target as a whole don't have
_MATCHER = re.compile(r"""\s*(\w+)\s*(=~|!~|!=|=)\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|`([^`]*)`)\s*(?:,|$)""")


def matchers(text: str) -> tuple[Matcher, ...] | None:
    """PromQL's own `label="value"` pairs, read; None where they are something else (a quoted label name)."""
    found, at = [], 0
    while text[at:].strip():
        match = _MATCHER.match(text, at)
        if match is None:
            return None
        label, op, double, single, plain = match.groups()
        quoted = double if double is not None else single
        value = plain if quoted is None else re.sub(r"\\(.)", lambda m: {"n": "\n", "t": "\t"}.get(m[1], m[1]), quoted)
        found.append(cast(Matcher, (label, op, value)))
        at = match.end()
    return tuple(found)


class _LeftOut(Exception):
    """A question that can't be asked here."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why: Why = why


def ask_checks(
    api: Api, planned: Plan, chosen: Sequence[Matcher] | None, at: float, redaction: Redaction | None = None
) -> Asked:
    """Every check made of PromQL, with its further conditions; over recorded series where these are there."""
    asked = [check for check in checks.ALL if isinstance(check.signal.expr, Raw)]
    if chosen is None:
        return Asked({}, False, tuple(dict.fromkeys(("selection", check.alert or check.id) for check in asked)))
    inquiry = _Inquiry(api, planned, tuple(chosen), at, redaction, has_recorded(api, planned, chosen, at))
    answers: dict[tuple[Scope, Node], Answer] = {}
    left_out: list[tuple[Why, str]] = []
    for check in asked:
        try:
            for level, node in _questions(check):
                if (level, node) not in answers:
                    answers[level, node] = inquiry.answer(level, node)
        except _LeftOut as error:
            left_out.append((error.why, check.alert or check.id))
    return Asked(answers, inquiry.recorded, tuple(dict.fromkeys(left_out)))


def has_recorded(api: Api, planned: Plan, chosen: Sequence[Matcher], at: float) -> bool:
    """Whether our recorded series are there, and carry the labels by which series are chosen."""
    running = planned.find("model", s.RUNNING.expr)
    if running is None or not {label for label, _, _ in chosen} <= set(planned.settings.model_labels):
        return False
    return bool(api.vector(f"count({selector(running.name, chosen)})", at))


def _questions(check: Check) -> Iterator[tuple[Scope, Node]]:
    yield check.level, check.signal.expr
    asked = (condition for bound in check.bounds for condition in bound.when if not condition.or_unknown)
    yield from (("model", condition.signal.expr) for condition in asked)


@dataclass(frozen=True)
class _Inquiry:
    api: Api
    planned: Plan
    chosen: tuple[Matcher, ...]
    at: float
    redaction: Redaction | None
    recorded: bool

    def answer(self, level: Scope, node: Node) -> Answer:
        """The rows of a question; raises _LeftOut."""
        if level in ("target", "scope") and any(label in OF_ENGINES for label, _, _ in self.chosen):
            raise _LeftOut("selection")
        needs_rules = not self.recorded and any(isinstance(each, Raw) and only_recorded(each) for each in nodes(node))
        if needs_rules and any(label not in self.planned.settings.model_labels for label, _, _ in self.chosen):
            raise _LeftOut("selection")
        reader = self.planned.reader(level) if self.recorded or needs_rules else self.planned.raw_reader(level)
        try:
            rows = self.api.vector(self._chosen(reader).text(node), self.at)
        except QueryRefused:
            raise _LeftOut("refused") from None
        if needs_rules and not rows:  # nothing there to say so; that rules are missing is itself a question
            raise _LeftOut("rules")
        kept = labels_of(level, self.planned.settings)
        return {self._group(labels, kept): Value(number) for labels, number in rows if math.isfinite(number)}

    def _chosen(self, reader: Reader) -> Reader:
        of_target = tuple(matcher for matcher in self.chosen if matcher[0] not in OF_ENGINES)
        words = {**reader.words}
        for word in ("selector", "servers"):
            words[word] = ",".join(filter(None, (words[word], selector("", of_target)[1:-1])))
        return replace(
            reader,
            matchers=self.chosen,
            target_labels=tuple({*self.planned.settings.scope_labels, "instance", *(m[0] for m in of_target)}),
            words=words,
        )

    def _group(self, labels: Mapping[str, str], kept: Sequence[str]) -> Group:
        own = {label: labels[label] for label in kept if labels.get(label)}
        return tuple(sorted((self.redaction.labels(own) if self.redaction else own).items()))
