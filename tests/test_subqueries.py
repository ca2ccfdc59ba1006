"""What is added up or counted in steps has as many of them on every Prometheus, whenever it is asked.

A range reaches back to its first moment up to Prometheus 2, and not quite that far from 3 on: at a round time an hour
in steps of five minutes has thirteen of them, then twelve. Grafana asks at round times, for boards and for its own
alerts; Prometheus evaluates each group of rules at a moment of the group's own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml

from built import bundle
from harness import boardlint
from harness.cost import asked
from harness.programs import PHASE, Line, backfill, prometheus_lines, running_prometheus
from vllm_observability.settings import Settings

ROUND = 1_800_000_000  # an hour begins
OWN = (ROUND - 1, ROUND + 1, ROUND + PHASE, ROUND + 299.5)
SITE = replace(Settings(), gpu_join_label="pod")  # has every board and rule
WORDS = {"$__rate_interval": "5m", "$__range": "2h"}


def _of_boards() -> Iterator[str]:
    for path, text in bundle(SITE).items():
        if re.fullmatch(r"dashboards/[\w/-]+\.json", path):
            yield from (asked(expr, WORDS) for _, expr in boardlint.queries(json.loads(text)))


def _of_rules() -> Iterator[str]:
    for path, text in bundle(SITE).items():
        if re.fullmatch(r"alerts/vllm-[\w-]+\.yaml", path):
            yield from (rule["expr"] for group in yaml.safe_load(text)["groups"] for rule in group["rules"])


def _counted(expr: str) -> list[Any]:
    """Subqueries of which each step counts."""
    found: list[Any] = []

    def enter(node: Any) -> None:
        if isinstance(node, promql_parser.Call) and node.func.name in ("sum_over_time", "count_over_time"):
            found.extend(each for each in node.args if isinstance(each, promql_parser.SubqueryExpr))

    promql_parser.walk(promql_parser.parse(expr), enter, lambda _: None)
    return found


def _constant(found: Any) -> str:
    """The same window and steps, over a number that is always there."""
    window, step = (f"{round(1000 * span.total_seconds())}ms" for span in (found.range, found.step))
    back = f" offset {round(1000 * found.offset.total_seconds())}ms" if found.offset else ""
    return f"count_over_time(vector(1)[{window}:{step}]{back})"


@pytest.mark.parametrize("line", [prometheus_lines()[0], prometheus_lines()[-1]], ids=str)
def test_a_window_has_as_many_steps_as_fit_into_it(line: Line, tmp_path: Path) -> None:
    """Of boards at round times too; of rules a little before and after, and in between."""
    backfill(f"up 1 {ROUND - 3600}\nup 1 {ROUND}\n# EOF\n", tmp_path, line)
    wrong, told = {}, 0
    with running_prometheus(tmp_path, line=line) as server:
        for expressions, moments in ((_of_boards(), (ROUND, *OWN)), (_of_rules(), OWN)):
            steps = {_constant(each): each.range / each.step for expr in set(expressions) for each in _counted(expr)}
            for text, at in ((text, at) for text in steps for at in moments):
                told += 1
                if (found := server.query(text, at)[()]) != steps[text]:
                    wrong[text, at] = found

    assert {} == wrong
    assert told > 50


def test_alerts_of_grafana_ask_at_no_round_time() -> None:
    """Its times are multiples of ten seconds."""
    groups = yaml.safe_load(bundle(SITE)["deploy/grafana/alerting/vllm-alerts.yaml"])["groups"]
    ends = {part["relativeTimeRange"]["to"] for group in groups for rule in group["rules"] for part in rule["data"]}

    assert all(0 < end < 10 for end in ends)
