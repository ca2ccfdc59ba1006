"""`explain`: every name a person can meet has an explanation; a name that isn't there gets a hint."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import yaml

from harness.programs import ROOT
from harness.ruletests import LOADER
from vllm_observability.catalog import board_signals, boards, checks, metrics, signals
from vllm_observability.catalog.boards import Board
from vllm_observability.command.explain import UnknownName, explain, explained
from vllm_observability.rules.site import rules_for
from vllm_observability.settings import Settings, parse

RULES = [
    rule
    for name in ("vllm-recording-rules.yaml", "vllm-alerts.yaml")
    for group in yaml.load((ROOT / "alerts" / name).read_text(), LOADER)["groups"]
    for rule in group["rules"]
]
SITE = rules_for(Settings())


@pytest.mark.parametrize("name", sorted({rule["alert"] for rule in RULES if "alert" in rule}))
def test_an_alert_is_explained_by_its_own_expression(name: str) -> None:
    """The queries shown are those of the emitted rules, every line of them."""
    shown = str(explained(name, SITE))
    lines = [line.strip() for rule in RULES if rule.get("alert") == name for line in rule["expr"].splitlines()]

    assert lines
    assert [] == [line for line in lines if line not in shown]
    assert "Cause:" in shown


@pytest.mark.parametrize("name", sorted({rule["record"] for rule in RULES if "record" in rule}))
def test_a_recorded_series_is_explained_by_its_rule(name: str) -> None:
    """Every recorded series shows what it is one of, and the query that records it."""
    shown = str(explained(name, SITE))

    assert "A recorded series, one per" in shown
    assert "Recorded by" in shown


def test_every_metric_is_explained_under_every_name() -> None:
    """Old and new names lead to one page that has them all."""
    for metric in metrics.ALL:
        for name in metric.names:
            shown = str(explained(name.text, SITE))
            assert all(other.text in shown for other in metric.names), name


def test_every_figure_is_explained() -> None:
    """Each figure of the report has its meaning and its query."""
    for signal in signals.ALL:
        shown = str(explained(signal.id, SITE))
        assert signal.meaning in shown or "Cause:" in shown, signal.id


def test_every_question_of_a_board_is_explained() -> None:
    """Those that neither alert nor report asks have a meaning and a query, and metrics say who reads them."""
    assert len(board_signals.ALL) > 50
    for signal in board_signals.ALL:
        shown = str(explained(signal.id, SITE))
        assert signal.meaning in shown, signal.id
        assert "    " in shown, signal.id
    assert (
        "requests_waiting_by_reason" in str(explained("vllm:num_requests_waiting_by_reason", SITE)).split("Read by")[1]
    )


def test_the_sites_own_numbers_are_shown() -> None:
    """An override of a bound appears in the explanation, in place of the default."""
    shown = str(explain("VllmKvCacheUsageHigh", parse({"thresholds": {"kv_cache_usage": {"warning": 0.77}}})))

    assert "warning: KV cache usage > 0.77, for 10m" in shown
    assert "warning: KV cache usage > 0.8," not in shown


def test_series_names_of_parts_lead_to_their_metric() -> None:
    """A bucket series, as one meets it in Prometheus, is explained as its histogram."""
    assert "vllm:time_to_first_token_seconds" == explained("vllm:time_to_first_token_seconds_bucket", SITE).title


def _panels(panels: list[dict[str, Any]]) -> Iterator[str]:
    """Titles of the panels of an emitted board, those in closed rows too."""
    for panel in panels:
        yield from (
            _panels(panel["panels"]) if panel.get("panels") else [panel["title"]] if panel["type"] != "row" else []
        )


@pytest.mark.parametrize("board", boards.ALL, ids=lambda board: board.slug)
def test_every_board_is_explained_under_each_of_its_names(board: Board) -> None:
    """Its question, and every panel that its file has."""
    said = str(explain(board.slug, Settings()))
    assert board.question in said
    lines = tuple(line.strip().partition(" (")[0] for line in said.splitlines() if line.startswith("  "))
    emitted = json.loads((ROOT / f"dashboards/{board.slug}.json").read_text())["panels"]
    titles = [title for title in _panels(emitted) if title]
    assert titles
    assert [] == [title for title in titles if not title.startswith(lines)]
    assert {said} == {str(explain(name, Settings())) for name in (board.title, board.title.upper(), board.name)}


def test_the_board_of_gpus_is_explained_where_they_are_joined() -> None:
    """Elsewhere the sentence says what is missing."""
    assert "GPU temperature" in str(explain("vllm-gpu", replace(Settings(), gpu_join_label="pod")))
    with pytest.raises(UnknownName, match="gpu_join_label"):
        explain("vllm-gpu", Settings())


def test_an_unknown_name_gets_a_hint() -> None:
    """A near miss names what was meant."""
    with pytest.raises(UnknownName, match=r"did you mean .*VllmKvCacheUsageHigh"):
        explained("VllmKVCacheUsage", SITE)


def test_a_check_and_its_alert_are_one() -> None:
    """A check's id, as used in settings, explains the same as its alert."""
    assert all(explained(c.id, SITE).title in (c.alert, c.id) for c in checks.ALL)


def test_readers_inside_other_questions_are_named() -> None:
    """The running gauge is read by questions whose text names it only through another question."""
    shown = str(explained("vllm:num_requests_running", SITE)).split("Read by:")[1]

    for signal in (
        "generation_tokens_per_running_request",
        "generation_throughput_change_ratio",
        "generation_tokens_per_second_per_engine",
    ):
        assert signal in shown


def test_readers_are_named_by_kind() -> None:
    """Figures, what the report reads besides, alerts, budgets, panels and runbooks."""
    lines = explained("vllm:inter_token_latency_seconds", SITE).lines
    found = dict(line.strip().split(": ", 1) for line in lines[lines.index("Read by:") + 1 :])

    assert "itl_p95_seconds" in found["figures"].split("; ")
    assert "itl_observations" in found["the report beyond figures"].split("; ")
    assert {"VllmInterTokenLatencyHigh", "VllmEngineOutlier"} <= set(found["alerts"].split("; "))
    assert "VllmItlBudgetBurn" == found["error budgets"]
    assert "SLO / Inter-token latency: burn rate" in found["panels"].split("; ")
    assert "VllmInterTokenLatencyHigh" in found["runbooks"].split("; ")
    assert "engine_outlier_itl" in found["other questions"].split("; ")


def test_a_question_says_who_asks_it() -> None:
    """By itself, or inside the text of another question; a figure needs nobody else."""
    lines = explained("engines", SITE).lines
    found = dict(line.strip().split(": ", 1) for line in lines[lines.index("Asked by:") + 1 :])

    assert "Overview / Engines" in found["panels"].split("; ")
    assert "generation_tokens_per_second_per_engine" in found["other questions"].split("; ")
    assert "A figure of the report." == explained("gc_collections", SITE).lines[-1]


def test_readers_follow_the_settings() -> None:
    """Without objectives there are no budgets, and an alert that is off reads nothing."""
    site = parse({"objectives": [], "alerts_off": ["VllmInterTokenLatencyHigh"]})
    shown = str(explain("vllm:inter_token_latency_seconds", site)).split("Read by:")[1]

    assert "VllmEngineOutlier" in shown
    assert "VllmInterTokenLatencyHigh" not in shown
    assert "budget" not in shown.lower()
