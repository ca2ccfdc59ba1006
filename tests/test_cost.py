"""Nobody makes a board or a rule dearer without noticing: budgets in samples read, which no machine's speed changes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from cost import FORMS, Cost, Span, costs
from fleet import AT, fleet_server, shared_folder
from toolbox import ROOT, Line, Server, prometheus_lines
from vllm_observability.catalog import boards

BUDGETS: dict[str, Any] = yaml.safe_load((ROOT / "tests/budgets.yaml").read_text())
RULE_FILES = sorted((ROOT / "alerts").glob("*.yaml"))
SPAN = Span(AT - 1800, AT, 30)


@pytest.fixture(scope="module", params=prometheus_lines(), ids=str)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The fleet of many versions, raw and recorded."""
    line: Line = request.param
    with fleet_server(shared_folder(tmp_path_factory), line) as running:
        yield running


def over_budget(form: str, slug: str, found: list[Cost]) -> list[str]:
    """What costs more than it may, in words; dearest first."""
    own, total = BUDGETS["panels"][form], sum(cost.samples for cost in found)
    wrong = [
        f"{cost.panel}: {cost.samples:,} samples, may read {own.get(cost.panel, BUDGETS['panel'][form]):,}"
        for cost in sorted(found, key=lambda cost: -cost.samples)
        if cost.samples > own.get(cost.panel, BUDGETS["panel"][form])
    ]
    if total > BUDGETS["board"][form][slug]:
        wrong.append(f"{slug}: {total:,} samples, may read {BUDGETS['board'][form][slug]:,}")
    return wrong


def _board(form: str, slug: str) -> dict[str, Any]:
    board: dict[str, Any] = json.loads((FORMS[form] / f"{slug}.json").read_text())
    return board


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("slug", [board.slug for board in boards.ALL])
def test_a_board_keeps_its_budget(server: Server, form: str, slug: str) -> None:
    """Each panel and the whole."""
    assert [] == over_budget(form, slug, list(costs(server, _board(form, slug), SPAN)))


@pytest.mark.parametrize("form", FORMS)
def test_a_dearer_query_is_named(server: Server, form: str) -> None:
    """The fullest engine over a day in place of now: the panel is named, and so is its board."""
    board = _board(form, "vllm-kv-cache")
    panel = next(p for p in board["panels"] if p["title"] == "KV cache usage by model, fullest engine")
    for target in panel["targets"]:
        target["expr"] = f"max_over_time(({target['expr']})[1d:10s])"
    named = [line.partition(":")[0] for line in over_budget(form, "vllm-kv-cache", list(costs(server, board, SPAN)))]
    assert ["KV cache usage by model, fullest engine", "vllm-kv-cache"] == named


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("slug", [board.slug for board in boards.ALL])
def test_no_board_opens_with_more_queries_than_it_may(server: Server, form: str, slug: str) -> None:
    """A browser sends six at a time."""
    assert sum(cost.queries for cost in costs(server, _board(form, slug), SPAN)) <= BUDGETS["queries"]


def _rules() -> list[dict[str, Any]]:
    groups = (group for path in RULE_FILES for group in yaml.safe_load(path.read_text())["groups"])
    return [rule for group in groups for rule in group["rules"]]


def rules_over_budget(server: Server, rules: list[dict[str, Any]]) -> list[str]:
    """Rules that read more than they may, by name, and all of them where they do together."""
    read = [(rule.get("record") or rule["alert"], server.samples(rule["expr"], AT)[0]) for rule in rules]
    own, total = BUDGETS["rules_over"], sum(samples for _, samples in read)
    wrong = [name for name, samples in read if samples > own.get(name, BUDGETS["rule"])]
    return [*wrong, *(["all rules"] if total > BUDGETS["rules"] else [])]


def test_rules_keep_their_budget(server: Server) -> None:
    """Each rule, all of them, and the series that they record."""
    assert [] == rules_over_budget(server, _rules())
    assert sum(server.query('count({__name__=~"(engine|model):vllm_.+"})', AT).values()) <= BUDGETS["recorded"]


def test_a_dearer_rule_is_named(server: Server) -> None:
    """The fullest engine over a day, looked at every second."""
    rules = _rules()
    rule = next(rule for rule in rules if rule.get("record") == "model:vllm_kv_cache_usage:max")
    rule["expr"] = f"max_over_time(({rule['expr']})[1d:1s])"

    assert ["model:vllm_kv_cache_usage:max", "all rules"] == rules_over_budget(server, rules)


def test_a_budget_belongs_to_a_rule() -> None:
    """As for panels."""
    assert set() == set(BUDGETS["rules_over"]) - {rule.get("record") for rule in _rules()}


@pytest.mark.parametrize("form", FORMS)
def test_a_budget_belongs_to_a_panel(form: str) -> None:
    """An exception for a panel that is gone would hide the next one of that name."""
    titles = {p["title"] for board in boards.ALL for p in _board(form, board.slug)["panels"]}
    assert set() == set(BUDGETS["panels"][form]) - titles


def test_fleet_boards_read_a_tenth_of_the_raw_ones_at_most() -> None:
    """That is what they are for; budgets say it for each board, on a fleet of one or two engines a model."""
    for slug, raw in BUDGETS["board"]["raw"].items():
        assert BUDGETS["board"]["fleet"][slug] <= raw / 5 or slug == "vllm-features"


def test_no_query_lists_instances_as_alternatives() -> None:
    """All is `.*`, which costs nothing; a list of thousands of names would be a regular expression of that length."""
    for form in FORMS:
        for board in boards.ALL:
            for variable in _board(form, board.slug)["templating"]["list"]:
                if variable["type"] == "query" and variable.get("includeAll"):
                    assert ".*" == variable["allValue"], (form, board.slug, variable["name"])
