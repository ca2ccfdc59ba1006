"""A panel is written down in a line: what follows from its signal and its check, and which types there are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from vllm_observability.boards import forms
from vllm_observability.boards.panel_words import with_objectives
from vllm_observability.boards.panels import panel
from vllm_observability.boards.records import Step
from vllm_observability.catalog import board_signals as b
from vllm_observability.catalog import capacity_signals as cap
from vllm_observability.catalog import checks as c
from vllm_observability.catalog import feature_signals as o
from vllm_observability.catalog import signals as s
from vllm_observability.catalog.boards import layout
from vllm_observability.catalog.boards.layout import Chart, Column, Graph, Heatmap, Line, Overlay, Table, Tile
from vllm_observability.catalog.budget_signals import BURN, GOOD, LEFT
from vllm_observability.queries.recorded import plan
from vllm_observability.settings import Objective, Settings

RAW, FLEET = forms.raw(plan(Settings())), forms.fleet(plan(Settings()))
NO_OBJECTIVES = Settings(objectives=())


def test_every_type_of_panel_can_be_drawn() -> None:
    """A type that the catalogue has and the boards do not know would fail at a user's build only."""
    types = {kind for kind in vars(layout).values() if isinstance(kind, type) and issubclass(kind, Chart)}

    assert {"Tile", "Graph", "Overlay", "Heatmap", "Bars", "States", "Table", "Alerts"} == {
        t.__name__ for t in types - {Chart}
    }
    assert types - {Chart} == panel.registry.keys() - {object}
    with pytest.raises(TypeError, match="Mine: no panel for a Chart"):
        panel(Chart("Mine"), RAW)


def test_a_line_is_all_that_a_graph_needs() -> None:
    """Unit, limits, description, reason and names of the lines come from the signal."""
    drawn = panel(Graph("Preemptions", b.PREEMPTION_RATE), RAW)

    assert ("timeseries", "suffix:/s", 0, None) == (drawn.kind, drawn.unit, drawn.min, drawn.decimals)
    assert drawn.description == (
        "Running requests per second that lost their KV blocks and are computed again.\n\n"
        "Metrics: `vllm:num_preemptions_total`"
    )
    assert drawn.no_value == "no data: no engine reports"
    assert [query.legend for query in drawn.queries] == ["{{model_name}} {{cluster}} {{namespace}}"]


def test_a_tile_is_of_what_its_check_judges() -> None:
    """The worst where something judges it, all of it where nothing does, and what the catalogue says where it does."""
    judged, plain, summed = Tile("A", s.TTFT_P95, c.TTFT), Tile("B", s.RUNNING), Tile("C", b.ENGINES, fold="sum")
    each = Tile("D", o.FLOPS, over="engine", fold="avg")

    assert [("model", "worst"), ("all", ""), ("model", "sum"), ("engine", "avg")] == [
        (tile.of, tile.folded) for tile in (judged, plain, summed, each)
    ]
    queries = [panel(tile, RAW).queries[0].expr for tile in (judged, plain, summed, each)]
    assert ["max(", "sum(", "sum(", "avg("] == [query.partition("\n")[0][:4] for query in queries]
    downwards = panel(Tile("E", s.SPEC_ACCEPTANCE, c.SPEC_ACCEPTANCE), RAW)
    assert ("min(", [Step(None, "dark-blue"), Step(0.3, "text")]) == (downwards.queries[0].expr[:4], [*downwards.steps])
    assert [Step(None, "text"), Step(1.0, "super-light-orange"), Step(2.5, "dark-red")] == list(
        panel(judged, RAW).steps
    )
    assert panel(plain, RAW).steps == ()


def test_decimals_are_the_signals_unless_a_tile_has_its_own() -> None:
    """A price has two everywhere."""
    assert panel(Graph("Cost", cap.COST_OUTPUT), RAW).decimals == 2
    assert panel(Tile("Cost", cap.COST_OUTPUT), RAW).decimals == 2
    assert panel(Tile("Cost", cap.COST_OUTPUT, decimals=0), RAW).decimals == 0


def test_what_splits_a_graph_names_its_lines() -> None:
    """Over everything selected the label alone; a legend of its own wins."""
    split = Graph("HTTP", b.HTTP_RATE, of="all", by=("method", "status"))

    assert panel(split, RAW).queries[0].legend == "{{method}} {{status}}"
    assert panel(replace(split, legend="{{status}}"), RAW).queries[0].legend == "{{status}}"
    assert panel(Graph("HTTP", b.HTTP_RATE, of="all"), RAW).queries[0].legend == "HTTP requests per second"


def test_bounds_are_lines_of_both_forms() -> None:
    """Numbers over raw series; at a fleet the series that alerts compare with, and no number twice."""
    overlay = Overlay("TTFT", (Line(s.TTFT_MEAN, "mean", "purple"),), c.TTFT)
    raw, fleet = panel(overlay, RAW), panel(overlay, FLEET)

    assert ([None, 1.0, 2.5], True, 1) == ([step.value for step in raw.steps], raw.threshold_lines, len(raw.queries))
    assert ((), False) == (fleet.steps, fleet.threshold_lines)
    assert [query.legend for query in fleet.queries] == ["mean", "threshold: {{severity}}"]
    assert [column.name for column in fleet.columns] == ["mean", "threshold: warning", "threshold: critical"]
    assert [column.color for column in fleet.columns] == ["purple", "orange", "red"]


def test_an_axis_of_shares_reaches_the_largest_bound() -> None:
    """Or what the graph says; a graph of seconds is left alone."""
    assert panel(Graph("KV", s.KV_USAGE, c.KV_CACHE_USAGE), RAW).soft_max == pytest.approx(1.045)
    assert panel(Graph("Left", LEFT["itl"], reaches=1), RAW).soft_max == 1
    assert panel(Graph("TTFT", s.TTFT_P95, c.TTFT), RAW).soft_max is None


def test_a_heatmap_needs_a_histogram() -> None:
    """A mean has no buckets to show."""
    with pytest.raises(TypeError, match="Mine: a heatmap panel needs a histogram"):
        panel(Heatmap("Mine", s.TTFT_MEAN), RAW)


# ---------------------------------------------------------------------------------------------- budgets


def test_a_budget_is_a_signal_like_any_other() -> None:
    """Raw series count events; what raw series can't know is recorded in both forms."""
    form = forms.raw(plan(Settings(objectives=(Objective(of="errors", target=0.99),))))
    good, burn, left = (form.text(Graph("G", of["errors"]), of["errors"]) for of in (GOOD, BURN, LEFT))

    assert "[$__range]" in good
    assert burn.endswith("/ 0.01")
    assert left.startswith("model:vllm_slo_errors_budget_left:ratio30d{")
    assert "percentunit" == panel(Graph("G", GOOD["errors"]), form).unit
    drawn = panel(Graph("G", LEFT["errors"]), form)
    assert drawn.min is None
    assert drawn.no_value == (
        "no data: no engine reports, the recording rules are not loaded or no traffic, or vLLM is older than 0.13.0"
    )
    assert "Objective: 99 % of the requests without an error." in drawn.description


def test_a_budget_without_an_objective_is_on_no_board() -> None:
    """A panel goes; a table keeps its other columns."""
    columns = (Column("Left", LEFT["ttft"]), Column("Running", s.RUNNING))

    assert with_objectives(Tile("T", LEFT["ttft"], fold="min"), NO_OBJECTIVES) is None
    kept = with_objectives(Table("T", columns), NO_OBJECTIVES)
    assert kept is not None
    assert [signal.id for signal in kept.signals] == ["requests_running"]
    assert with_objectives(Table("T", columns[:1]), NO_OBJECTIVES) is None
    assert with_objectives(layout.Alerts("A"), NO_OBJECTIVES) == layout.Alerts("A")


def test_a_reader_without_objectives_refuses_a_budget() -> None:
    """Rather than writing a query of nothing."""
    with pytest.raises(TypeError, match="no objectives are known here, which ttft left depends on"):
        plan(Settings()).raw_reader("model").text(LEFT["ttft"].expr)
