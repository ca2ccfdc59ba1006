"""The emitted boards: clean by every lint rule, and answered by a real Prometheus over many vLLM versions."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from harness import boardlint, misleading
from harness.cost import FORMS, asked
from harness.fleet import AT, FLEET, fleet_server, shared_folder
from harness.history import Replica, exposed, states
from harness.programs import ROOT, Line, Server, Vector, prometheus_lines
from vllm_observability.boards.panel_words import metrics_of
from vllm_observability.catalog import boards, checks
from vllm_observability.catalog import metrics as m
from vllm_observability.catalog.boards import Board, Chart
from vllm_observability.catalog.figures import BY_ID
from vllm_observability.pages.sources import Access
from vllm_observability.prometheus import Question, read_prometheus
from vllm_observability.report import analyse
from vllm_observability.settings import Settings

BOARDS = [path for folder in FORMS.values() for path in sorted(folder.glob("*.json"))]
EVERY_BOARD = pytest.mark.parametrize("slug", [board.slug for board in boards.ALL])
EVERY_FORM = pytest.mark.parametrize("form", FORMS)

# Empty on this fleet although its features are on, and why: nothing else may be.
EMPTY = {
    "KV cache full in": "usage falls at the end",
    "Throughput against the past": "less than an hour is recorded",
    "Queue drains in": "fewer than five wait",
    "Time to drain the queue, by model": "fewer than five wait",
}
EARLIER = re.compile(r" offset 1[hdw]")  # half an hour is recorded
# Below 0 when overspent, or when there is no room.
MAY_BE_NEGATIVE = ("budget left", "one gone", "one engine gone")


def _board(form: str, slug: str) -> dict[str, Any]:
    board: dict[str, Any] = json.loads((FORMS[form] / f"{slug}.json").read_text())
    return board


def test_every_board_of_the_catalogue_is_emitted() -> None:
    """One file a board in each form, and no other."""
    slugs = {board.slug for board in boards.ALL}

    assert len(slugs) == 10
    for folder in FORMS.values():
        assert slugs == {path.stem for path in folder.glob("*.json")}


@pytest.mark.parametrize("path", BOARDS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_board_has_no_fault(path: Path) -> None:
    """Strict schema, titles, units, descriptions, variables, selectors, windows: every rule of boardlint."""
    assert [] == boardlint.faults(json.loads(path.read_text()))


@EVERY_BOARD
@EVERY_FORM
def test_opening_a_board_asks_little(form: str, slug: str) -> None:
    """At most 40 queries before a row is opened."""
    opened = [p for p in _board(form, slug)["panels"] if p["type"] != "row"]

    assert 0 < sum(len(panel.get("targets", [])) for panel in opened) <= 40


@EVERY_BOARD
def test_both_forms_have_the_same_panels(slug: str) -> None:
    """Titles, kinds and places; ids of boards differ, so that one Grafana can hold both.

    What a title says of choices that its panel can't obey is of one form.
    """
    raw, fleet = (_board(form, slug) for form in FORMS)

    assert _shape(raw) == _shape(fleet)
    assert raw["uid"] != fleet["uid"]


def _shape(board: dict[str, Any]) -> list[tuple[str, str, dict[str, int]]]:
    return [
        (misleading.plain_title(panel["title"]), panel["type"], panel["gridPos"]) for panel in boardlint.panels(board)
    ]


@EVERY_BOARD
@EVERY_FORM
def test_every_panel_says_why_it_may_be_empty(form: str, slug: str) -> None:
    """In words, in place of Grafana's bare "No data"; a tile, which has little room for them, in its description."""
    for panel in boardlint.panels(_board(form, slug)):
        said = panel["fieldConfig"]["defaults"]["noValue"]
        if panel["type"] == "stat":
            assert said == said.strip() != ""
            assert "\n\nNo data: " in panel["description"], panel["title"]
        else:
            assert said.startswith("no data: "), panel["title"]


@EVERY_BOARD
@EVERY_FORM
def test_no_value_is_no_judgement(form: str, slug: str) -> None:
    """A tile without data is neither red nor green."""
    for panel in boardlint.panels(_board(form, slug)):
        defaults = panel["fieldConfig"]["defaults"]
        if panel["type"] == "stat" and defaults["color"]["mode"] == "thresholds":
            nothing = [row["options"] for row in defaults["mappings"] if row["type"] == "special"]
            assert [{"match": "null+nan", "result": nothing[0]["result"]}] == nothing, panel["title"]
            assert "transparent" == nothing[0]["result"]["color"], panel["title"]


COUNTED = {
    "TTFT: good events": "`vllm:request_queue_time_seconds`, `vllm:request_prefill_time_seconds`, "
    "`vllm:time_to_first_token_seconds`",
    "Time to first token: burn rate": "`vllm:request_queue_time_seconds`, `vllm:request_prefill_time_seconds`, "
    "`vllm:time_to_first_token_seconds`",
    "Inter-token latency: budget left": "`vllm:request_time_per_output_token_seconds`, "
    "`vllm:inter_token_latency_seconds`, `vllm:time_per_output_token_seconds`",
    "No error: budget left": "`vllm:request_success_total`",
    "No error: good events": "`vllm:request_success_total`",
    "Requests without error: burn rate": "`vllm:request_success_total`",
    "Requests without error: budget left": "`vllm:request_success_total`",
}


@EVERY_FORM
def test_a_budget_says_what_counts_its_events(form: str) -> None:
    """One without a histogram of its own counts finished requests."""
    described = {panel["title"]: panel["description"] for panel in boardlint.panels(_board(form, "vllm-slo"))}

    assert COUNTED == {title: described[title].partition("Metrics: ")[2] for title in COUNTED}


# ----------------------------------------------------------------------------------------- with data


@pytest.fixture(scope="module", params=prometheus_lines(), ids=str)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A fleet of eight vLLM versions, the newest with every feature on, raw and recorded."""
    line: Line = request.param
    with fleet_server(shared_folder(tmp_path_factory), line) as running:
        yield running


def _asked(expr: str, chosen: dict[str, str]) -> str:
    """As Grafana fills variables in, half an hour being shown."""
    return asked(expr, {"$__rate_interval": "5m", "$__range": "30m"}, chosen)


def _answers(server: Server, board: dict[str, Any], chosen: dict[str, str]) -> Iterator[tuple[str, str, Vector]]:
    """(panel, query, answer) of each query of a board, at the end of the history."""
    for panel, expr in boardlint.queries(board):
        yield misleading.plain_title(panel["title"]), expr, server.query(_asked(expr, chosen), AT)


@EVERY_FORM
def test_firing_alerts_are_listed_once_and_say_since_when(server: Server, form: str) -> None:
    """A warning that is critical already stands once, and an alert that does not fire yet counts for nothing."""
    answers = (
        answer for title, _, answer in _answers(server, _board(form, "vllm-overview"), {}) if title == "Firing alerts"
    )
    listed, since = (
        {dict(key)["alertname"]: (dict(key), value) for key, value in answer.items()} for answer in answers
    )

    assert ["VllmErrorBudgetBurn", "VllmTargetDown"] == sorted(listed)
    assert {"critical"} == {labels["severity"] for labels, _ in listed.values()}
    assert {name: labels for name, (labels, _) in listed.items()} == {
        name: labels for name, (labels, _) in since.items()
    }
    assert {"VllmErrorBudgetBurn": 30 * 60, "VllmTargetDown": 45 * 60} == {name: s for name, (_, s) in since.items()}


CHOICES: list[dict[str, str]] = [
    {},
    {"model_name": "acme/chat"},
    {"model_name": "(acme/chat|acme/code)", "instance": "(chat-0:8000|code-0:8000)", "cluster": "c1"},
]


@EVERY_BOARD
@EVERY_FORM
@pytest.mark.parametrize("chosen", CHOICES, ids=["all", "one", "several"])
def test_every_panel_answers(server: Server, form: str, slug: str, chosen: dict[str, str]) -> None:
    """No error, no NaN, no infinity, nothing below 0; and with All chosen no query is empty without a reason."""
    empty, wrong = [], []
    for title, expr, answer in _answers(server, _board(form, slug), chosen):
        if not answer and title not in EMPTY and not EARLIER.search(expr) and not chosen:
            empty.append((title, expr))
        # A burn is 1 less a share, which may be whole but for its last digit.
        signed = any(words in title for words in MAY_BE_NEGATIVE) or "budget_left" in expr
        low = -math.inf if signed or "1 - 1 /" in expr else -1e-9
        wrong += [(title, value) for value in answer.values() if not math.isfinite(value) or value < low]

    assert ([], []) == (empty, wrong)


# Other windows: the time range against sums of recorded rates.
CLOSE = {"good events": 0.02, "Objectives": 0.02}


@EVERY_BOARD
def test_both_forms_show_the_same_numbers(server: Server, slug: str) -> None:
    """Query by query at the same moment; recorded bounds stand beside, in the fleet form only.

    Of an hour ago the fleet has raw series, and none recorded.
    """
    raw = [
        (title, answer) for title, expr, answer in _answers(server, _board("raw", slug), {}) if not EARLIER.search(expr)
    ]
    fleet = [
        (title, answer)
        for title, expr, answer in _answers(server, _board("fleet", slug), {})
        if not misleading.bound(expr) and not EARLIER.search(expr)
    ]
    assert [title for title, _ in raw] == [title for title, _ in fleet]
    differing = []
    for (title, one), (_, other) in zip(raw, fleet, strict=True):
        close = next((value for words, value in CLOSE.items() if words in title), 1e-6)
        named, recorded = _by_shared_labels(one), _by_shared_labels(other)
        if named.keys() != recorded.keys() or any(
            not math.isclose(value, recorded[key], rel_tol=close, abs_tol=1e-9) for key, value in named.items()
        ):
            differing.append((title, named, recorded))

    assert [] == differing


def _by_shared_labels(answer: Vector) -> Vector:
    return {tuple(pair for pair in labels if pair[0] != "__name__"): value for labels, value in answer.items()}


# ---------------------------------------------------------------------------------- against the catalogue


def _charts(board: Board) -> Iterator[Chart]:
    for section in board.sections:
        yield from section.charts


# One number over two versions of a family, or over engines that this one has not; and what 70 minutes can't show.
NEEDS_MORE = {
    "TTFT, odd one out": "three engines",
    "ITL, odd one out": "three engines",
    "Time to first token against the median": "three engines",
    "Inter-token latency against the median": "three engines",
    "KV, odd one out": "two engines",
    "Running, odd one": "two engines",
    "KV cache full in": "usage falls",
    "Firing alerts": "none of this model",
    "Firing budget alerts": "none of this model",
    "Errors, worst": "error is a reason from 0.13 on",
    "Share finished with error, by model": "error is a reason from 0.13 on",
    "No error: good events": "error is a reason from 0.13 on",
    "No error: budget left": "error is a reason from 0.13 on",
    "Requests without error: burn rate": "error is a reason from 0.13 on",
    "Requests without error: budget left": "error is a reason from 0.13 on",
    "Throughput against the past": "more than an hour",
    "Queue drains in": "fewer than five wait",
    "Time to drain the queue, by model": "fewer than five wait",
}


@pytest.mark.parametrize(
    "replica", [r for r in FLEET if r.instance.startswith(("old-", "chat-0"))], ids=lambda r: r.version
)
def test_every_version_fills_the_panels_it_can(server: Server, replica: Replica) -> None:
    """A panel whose metrics a version exposes, under whatever name, is not empty there."""
    chosen = {"model_name": re.escape(replica.model).replace("\\", "\\\\"), "instance": replica.instance}
    empty = []
    for board in boards.ALL:
        able = {chart.title for chart in _charts(board) if all(exposed(x, replica) for x in metrics_of(chart))}
        filled: dict[str, bool] = {}
        for title, _, answer in _answers(server, _board("raw", board.slug), chosen):
            filled[title] = filled.get(title, False) or bool(answer)
        empty += [
            (board.slug, title) for title in able if title in filled and not filled[title] and title not in NEEDS_MORE
        ]

    assert [] == empty


# ------------------------------------------------------------------------------------- against arithmetic


def _one(server: Server, form: str, slug: str, title: str, chosen: dict[str, str]) -> float:
    answers = [answer for panel, _, answer in _answers(server, _board(form, slug), chosen) if panel == title]
    assert len(answers) == 1
    assert len(answers[0]) == 1
    return next(iter(answers[0].values()))


@EVERY_FORM
def test_key_panels_show_the_true_numbers(server: Server, form: str) -> None:
    """Of one model, from what its servers did in the last five minutes, step by step."""
    chosen = {"model_name": "acme/chat"}
    last = [
        state
        for replica in FLEET[:3]
        for state in list(states(replica, 0, 141, 30))[-13:-4]  # the steps between the ten scrapes of a window
    ]
    finished = sum(state.finished for state in last)

    def shown(slug: str, title: str) -> float:
        return _one(server, form, slug, title, chosen)

    assert finished / 270 == pytest.approx(shown("vllm-overview", "Requests/s"), rel=1e-3)
    assert 220 * finished / 270 == pytest.approx(shown("vllm-overview", "Output tokens/s"), rel=1e-3)
    mean_ttft = sum(s.ttft * s.finished for s in last) / finished
    assert mean_ttft == pytest.approx(shown("vllm-overview", "TTFT, mean"), rel=1e-3)
    newest = [list(states(replica, 0, 141, 30))[-5] for replica in FLEET[:3]]
    assert max(s.kv for s in newest) == pytest.approx(shown("vllm-overview", "KV cache, fullest"))
    assert sum(round(s.running) for s in newest) == shown("vllm-overview", "Running")
    assert shown("vllm-overview", "Engines") == 3
    assert shown("vllm-overview", "Prefix cache hits") == pytest.approx(0.45)
    assert shown("vllm-capacity", "Cost an hour") == 7.5
    cost = 7.5 / (220 * finished / 270 * 3600) * 1e6
    assert cost == pytest.approx(shown("vllm-capacity", "Cost per M output, most"), rel=1e-3)


@EVERY_FORM
def test_trouble_is_seen_on_the_first_board(server: Server, form: str) -> None:
    """A dead target, and a model of which 8 % of the requests fail."""
    assert _one(server, form, "vllm-overview", "Targets down", {}) == 1
    assert _one(server, form, "vllm-overview", "Errors, worst", {}) == pytest.approx(0.08)
    assert _one(server, form, "vllm-overview", "Engines", {}) == sum(r.engines for r in FLEET if r.incident != "down")


def test_metrics_that_need_no_feature_are_exposed_by_the_newest() -> None:
    """The made-up fleet follows the catalogue: a test of the test."""
    newest = FLEET[0]
    shown = [x for x in m.ALL if exposed(x, newest)]

    assert len(shown) > 80


# ------------------------------------------------------------------------------------ one truth, three ways


def _colour(panel: dict[str, Any], value: float) -> str:
    steps = panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
    return [step["color"] for step in steps if step["value"] is None or step["value"] <= value][-1]


@pytest.mark.parametrize(
    ("check", "tile", "model", "colour"),
    [
        ("request_errors", "Errors, worst", "acme/code", "dark-red"),
        ("request_errors", "Errors, worst", "acme/chat", "transparent"),
        ("kv_cache_usage", "KV cache, fullest", "acme/chat", "transparent"),
        ("ttft", "TTFT p95, worst", "acme/chat", "transparent"),
        ("itl", "ITL p95, worst", "acme/code", "transparent"),
    ],
)
def test_report_alert_and_board_agree(server: Server, check: str, tile: str, model: str, colour: str) -> None:
    """The same data: the tile's colour, the alert's own expression, and the finding of the report."""
    board = _board("fleet", "vllm-overview")
    panel = next(panel for panel in boardlint.panels(board) if panel["title"] == tile)
    shown = _one(server, "fleet", "vllm-overview", tile, {"model_name": model})
    alert = next(row.alert for row in checks.ALL if row.id == check)
    rules = [
        rule
        for group in yaml.safe_load((ROOT / "alerts/vllm-alerts.yaml").read_text())["groups"]
        for rule in group["rules"]
        if rule["alert"] == alert
    ]
    firing = {
        rule["labels"]["severity"]
        for rule in rules
        if any(("model_name", model) in labels for labels in server.query(rule["expr"], AT))
    }
    question = Question(model=re.escape(model), since=300, at=AT)
    report = analyse(*read_prometheus(server.url, question, Access(), Settings()), Settings())
    finding = next(f for f in report.findings if f.id == check)

    assert colour == _colour(panel, shown)
    assert {"dark-red": {"warning", "critical"}, "transparent": set()}[colour] == firing
    assert {"dark-red": "critical", "transparent": "ok"}[colour] == finding.severity
    assert finding.alert == alert
    figure = {
        "request_errors": None,
        "kv_cache_usage": "kv_cache_usage_ratio",
        "ttft": "ttft_p95_seconds",
        "itl": "itl_p95_seconds",
    }
    if name := figure[check]:
        own = max(f.value for f in report.all(BY_ID[name]))
        assert own == pytest.approx(shown, rel=0.03)  # ten scrapes against nine
