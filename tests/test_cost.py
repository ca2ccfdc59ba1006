"""Nobody makes a board or a rule dearer without noticing: budgets in samples read, which no machine's speed changes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml

import cost_page_check
from harness import misleading
from harness.cost import BUDGETS, FORMS, costs, half_an_hour, panels_read, recorded, rules_read
from harness.fleet import AT, fleet_server, shared_folder
from harness.programs import ROOT, RULE_FILES, Line, Server, prometheus_lines, rules_of
from vllm_observability.catalog import boards

MAY: dict[str, Any] = yaml.safe_load(BUDGETS.read_text())
SPAN = half_an_hour(AT)


@pytest.fixture(scope="module", params=prometheus_lines(), ids=str)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The fleet of many versions, raw and recorded."""
    line: Line = request.param
    with fleet_server(shared_folder(tmp_path_factory), line) as running:
        yield running


def over_budget(read: Mapping[str, int], may: Mapping[str, int]) -> list[str]:
    """What reads more than it may, in words, the dearest first; what is new may read nothing yet."""
    return [
        f"{name}: {samples:,} samples, may read {may.get(name, 0):,} (tools/budgets.py writes tests/budgets.yaml)"
        for name, samples in sorted(read.items(), key=lambda item: -item[1])
        if samples > may.get(name, 0)
    ]


def _board(form: str, slug: str) -> dict[str, Any]:
    board: dict[str, Any] = json.loads((FORMS[form] / f"{slug}.json").read_text())
    return board


EVERY_FORM = pytest.mark.parametrize("form", FORMS)
EVERY_BOARD = pytest.mark.parametrize("slug", [board.slug for board in boards.ALL])


@EVERY_FORM
@EVERY_BOARD
def test_a_board_keeps_its_budget(server: Server, form: str, slug: str) -> None:
    """Each panel, and the queries of the whole: a browser sends six at a time."""
    found = list(costs(server, _board(form, slug), SPAN))

    assert [] == over_budget(panels_read(found), MAY["panels"][form][slug])
    assert sum(cost.queries for cost in found) <= MAY["queries"]


@EVERY_FORM
def test_a_dearer_query_is_named(server: Server, form: str) -> None:
    """The fullest engine over a quarter of an hour in place of now, and nothing else."""
    board, title = _board(form, "vllm-kv-cache"), "KV cache usage by model, fullest engine"
    before = panels_read(costs(server, board, SPAN))
    for target in next(p for p in board["panels"] if p["title"] == title)["targets"]:
        target["expr"] = f"max_over_time(({target['expr']})[15m:30s])"
    after = panels_read(costs(server, board, SPAN))

    named = set(over_budget(after, MAY["panels"][form]["vllm-kv-cache"]))
    assert [title] == [
        line.partition(":")[0] for line in named - set(over_budget(before, MAY["panels"][form]["vllm-kv-cache"]))
    ]


def test_rules_keep_their_budget(server: Server) -> None:
    """Each rule, and the series that all of them record."""
    assert [] == over_budget(rules_read(server, rules_of(*RULE_FILES), AT), MAY["rules"])
    assert recorded(server, AT) <= MAY["recorded"]


def test_a_dearer_rule_is_named(server: Server) -> None:
    """The fullest engine of five minutes in place of now, and nothing else."""
    name = "model:vllm_kv_cache_usage:max"
    rule = next(rule for rule in rules_of(*RULE_FILES) if rule.get("record") == name)
    dearer = {**rule, "expr": f"max_over_time(({rule['expr']})[5m:30s])"}

    assert [name] == [line.rpartition(":")[0] for line in over_budget(rules_read(server, [dearer], AT), MAY["rules"])]


def test_budgets_are_of_what_there_is() -> None:
    """One of a panel or a rule that is gone would hide the next of that name."""
    assert {rule.get("record") or rule["alert"] for rule in rules_of(*RULE_FILES)} == MAY["rules"].keys()
    for form in FORMS:
        assert {board.slug for board in boards.ALL} == MAY["panels"][form].keys()
        for slug, panels in MAY["panels"][form].items():
            assert panels.keys() <= {panel["title"] for panel in _board(form, slug)["panels"]}


@EVERY_BOARD
def test_a_fleet_board_may_read_a_fifth_of_its_raw_form_at_most(slug: str) -> None:
    """That is what it is for, though the fleet of the tests has but one or two engines a model."""
    raw, fleet = (
        {misleading.plain_title(title): samples for title, samples in MAY["panels"][form][slug].items()}
        for form in ("raw", "fleet")
    )
    alike = sum(samples for title, samples in fleet.items() if raw.get(title) == samples)  # both read what is recorded
    assert sum(fleet.values()) - alike <= (sum(raw.values()) - alike) / 5 or slug == "vllm-features"


@EVERY_FORM
def test_the_board_of_incidents_reads_no_more_than_the_overview(form: str) -> None:
    """Who is paged opens it while Prometheus is busy. What was before costs as much as now, and is not in the fleet."""
    incident, overview = (MAY["panels"][form][slug] for slug in ("vllm-incident", "vllm-overview"))
    before = 3 * incident["Models, now and before"]

    assert sum(incident.values()) + before <= sum(overview.values())


def test_the_release_check_names_what_was_not_measured() -> None:
    """A panel that is new, one that is gone, one that asks more; what is alike is not said."""
    then, now = {"a": 3, "b": 1, "c": 2}, {"a": 3, "b": 2, "d": 4}
    assert list(cost_page_check.differences(then, now, "queries")) == [
        "b: 1 queries on the page, 2 now",
        "c: 2 queries on the page, no now",
        "d: no queries on the page, 4 now",
    ]


def test_the_release_check_reads_the_page() -> None:
    """Every board in both forms, and every group of rules; and so it does of the files."""
    then, now = cost_page_check.counted_by((ROOT / "docs/cost.md").read_text()), cost_page_check.counted_now()
    for queries, rules in (then, now):
        assert {"vllm-overview | raw", "vllm-overview | fleet"} <= queries.keys()
        assert {"vllm-latency", "vllm-alerts"} <= rules.keys()


def test_no_query_lists_instances_as_alternatives() -> None:
    """All is `.*`, which costs nothing; a list of thousands of names would be a regular expression of that length."""
    for form in FORMS:
        for board in boards.ALL:
            for variable in _board(form, board.slug)["templating"]["list"]:
                if variable["type"] == "query" and variable.get("includeAll"):
                    assert ".*" == variable["allValue"], (form, board.slug, variable["name"])
