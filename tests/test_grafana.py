"""What becomes of a board in Grafana: every option of the records, held against Grafana's own types."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest

import sample_board as sample
from harness import boardlint
from vllm_observability.boards.records import Column, Dashboard, Link, Panel, PanelKind, Query, Row, Step, Variable
from vllm_observability.render.grafana.dashboard import dashboard_json
from vllm_observability.render.grafana.options import CALC_TITLES

Json = dict[str, Any]
TESTS = Path(__file__).parent
SOURCE = {"type": "prometheus", "uid": "${datasource}"}


def _board(*panels: Panel, **parts: Any) -> Json:
    """A board of one row with these panels."""
    rows = (Row("Row", panels),) if panels else ()
    board = Dashboard(**{"uid": "u", "title": "T", "question": "Q", "rows": rows, "variables": (), **parts})
    parsed: Json = json.loads(dashboard_json(board))
    return parsed


def _panel(panel: Panel) -> Json:
    emitted: Json = _board(panel)["panels"][1]
    return emitted


def _variable(**parts: Any) -> Json:
    emitted: Json = _board(variables=(Variable("v", "V", **parts),))["templating"]["list"][0]
    return emitted


def _override(panel: Json, position: int = 0) -> tuple[Json, Json]:
    override = panel["fieldConfig"]["overrides"][position]
    return override["matcher"], {prop["id"]: prop["value"] for prop in override["properties"]}


SAMPLE: Json = json.loads(dashboard_json(sample.BOARD))
NAMED = {panel["title"]: panel for panel in boardlint.panels(SAMPLE)}


# ------------------------------------------------------------------------------------------- the board


def test_a_board_with_every_kind_and_option_has_no_fault() -> None:
    """Strict schema, known ids, one data source, valid queries: what every emitted board is held to."""
    assert boardlint.faults(SAMPLE) == []


def test_the_sample_has_every_kind_of_panel() -> None:
    """A kind that no test emits could break unseen."""
    assert {panel["type"] for panel in boardlint.panels(SAMPLE)} == set(get_args(PanelKind))


def test_the_text_is_as_grafana_saves_it() -> None:
    """Sorted keys, two spaces, a newline at the end."""
    text = dashboard_json(sample.BOARD)
    assert text == json.dumps(SAMPLE, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def test_the_bytes_do_not_depend_on_the_hash_seed() -> None:
    """The same board three times, under three seeds, each in a process of its own."""
    code = (
        "from vllm_observability.render.grafana.dashboard import dashboard_json as j; import sample_board as s; "
        "print(j(s.BOARD))"
    )
    path = os.pathsep.join([str(TESTS), *sys.path])
    texts = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "4242")
    }
    assert len(texts) == 1


def test_the_board_carries_only_what_grafana_writes() -> None:
    """No trace of the generator: no inputs, no rows of Grafana 4, no ids of a database."""
    assert set(SAMPLE) == {
        *(
            "annotations",
            "description",
            "editable",
            "fiscalYearStartMonth",
            "graphTooltip",
            "links",
            "panels",
            "refresh",
        ),
        *("schemaVersion", "tags", "templating", "time", "timepicker", "timezone", "title", "uid", "weekStart"),
    }
    assert (SAMPLE["uid"], SAMPLE["title"]) == ("vllm-obs-sample", "vLLM / Sample")
    assert (SAMPLE["description"], SAMPLE["tags"]) == ("Does every option reach Grafana?", ["vllm", "sample"])
    assert (SAMPLE["editable"], SAMPLE["graphTooltip"], SAMPLE["timezone"]) == (False, 1, "browser")
    assert (SAMPLE["refresh"], SAMPLE["time"]) == ("1m", {"from": "now-6h", "to": "now"})


def test_a_server_of_grafana_11_or_12_need_not_migrate_downwards() -> None:
    """Grafana 12 gives up on a board whose number is above its own; 11.0 writes 39."""
    assert SAMPLE["schemaVersion"] == 39
    assert {panel["pluginVersion"] for panel in NAMED.values()} == {"11.0.0"}


def test_links_of_the_board_keep_time_and_variables_inside_grafana_only() -> None:
    """A menu by tag, a link to a board, and a link to another site."""
    menu, board, site = SAMPLE["links"]
    assert (menu["type"], menu["tags"], menu["asDropdown"], menu["url"]) == ("dashboards", ["vllm"], True, "")
    assert (board["type"], board["url"]) == ("link", "/d/vllm-obs-overview")
    assert (site["url"], site["targetBlank"]) == ("https://example.com/runbooks", True)
    assert [(link["keepTime"], link["includeVars"]) for link in SAMPLE["links"]] == [(True, True)] * 2 + [
        (False, False)
    ]


def test_annotations_are_asked_as_old_and_new_grafana_do() -> None:
    """11 reads `expr`, 12 and later `target`; Grafana's own list stays first."""
    built_in, alerts = SAMPLE["annotations"]["list"]
    assert (built_in["builtIn"], built_in["datasource"]["uid"]) == (1, "-- Grafana --")
    assert alerts["expr"] == alerts["target"]["expr"] == 'ALERTS{job=~"$job"}'
    assert (alerts["titleFormat"], alerts["textFormat"]) == ("{{alertname}}", "{{severity}}")
    assert alerts["datasource"] == SOURCE


# ------------------------------------------------------------------------------------------- variables


def test_the_data_source_is_the_default_of_the_site() -> None:
    """Grafana offers its default source only where text and value are this word."""
    source = _variable(kind="datasource")
    assert source["current"] == {"text": "default", "value": "default"}
    assert (source["query"], source["type"], source["includeAll"]) == ("prometheus", "datasource", False)


def test_a_label_variable_is_what_grafanas_editor_saves() -> None:
    """An object with the kind of query; All stands for everything, so that queries stay short."""
    variable = _variable(query="label_values(up, job)")
    assert variable["query"]["query"] == variable["definition"] == "label_values(up, job)"
    assert variable["query"]["qryType"] == 1
    assert (variable["allValue"], variable["current"]) == (".*", {"text": ["All"], "value": ["$__all"]})
    assert (variable["refresh"], variable["sort"], variable["datasource"]) == (2, 7, SOURCE)


def test_a_label_variable_may_start_with_one_value() -> None:
    """Not many, not all: plain text instead of a list."""
    variable = _variable(query="query_result(up)", multi=False, include_all=False, default="a")
    assert variable["current"] == {"text": "a", "value": "a"}
    assert variable["query"]["qryType"] == 3
    assert "allValue" not in variable
    assert "multi" not in variable


def test_other_variables_offer_what_they_list() -> None:
    """A text field, a choice of intervals, a choice of words."""
    assert _variable(kind="textbox", default="0.5")["query"] == "0.5"
    interval = _variable(kind="interval", query="5m,1h", default="1h")
    assert (interval["current"]["value"], [o["selected"] for o in interval["options"]]) == ("1h", [False, True])
    words = _variable(kind="custom", query="a, b", multi=False, include_all=False, hide=True)
    assert ([o["value"] for o in words["options"]], words["current"]["value"], words["hide"]) == (["a", "b"], "a", 2)


# ------------------------------------------------------------------------------------------ places, ids


def test_open_rows_are_followed_by_their_panels_and_collapsed_rows_hold_them() -> None:
    """The untitled first row has no heading; a collapsed one takes a single line."""
    top = [(panel["type"], panel["title"], panel["gridPos"]["y"]) for panel in SAMPLE["panels"]]
    assert top[:3] == [("text", "Read me", 0), ("alertlist", "Alerts", 2), ("row", "Now", 7)]
    assert top[-3:] == [("row", "Details (needs --flag)", 28), ("row", "End", 29), ("text", "End", 30)]
    details = SAMPLE["panels"][-3]
    assert [(panel["title"], panel["gridPos"]["y"]) for panel in details["panels"]] == [
        ("First token", 29), ("State", 29), ("Cost", 37),
    ]  # fmt: skip
    assert set(details) == {"collapsed", "gridPos", "id", "panels", "title", "type"}


def test_where_a_row_starts_does_not_depend_on_the_y_of_its_panels() -> None:
    """Given from 0 or from 100, the uppermost panel stands right under its row."""
    for y in (0, 100):
        board = _board(replace(sample.TILE, grid=(3, y, 6, 4)), replace(sample.GAUGE, grid=(9, y + 2, 6, 4)))
        assert [panel["gridPos"]["y"] for panel in board["panels"]] == [0, 1, 3]


def test_a_second_row_without_title_is_refused() -> None:
    """Grafana would show its panels in the row above."""
    with pytest.raises(ValueError, match="Row 2 has no title"):
        _board(rows=(Row("A", (sample.TILE,)), Row("", (sample.GAUGE,))))


def test_a_panel_keeps_its_id_when_others_come_before_it() -> None:
    """Links to a panel name it by id; equal titles still get two."""
    alone, after = _board(sample.GAUGE), _board(sample.TILE, sample.GAUGE, replace(sample.GAUGE, grid=(0, 9, 1, 1)))
    ids = [panel["id"] for panel in after["panels"]]
    assert alone["panels"][1]["id"] == ids[2]
    assert len(set(ids)) == 4


# ------------------------------------------------------------------------------------- queries and fields


def test_queries_have_letters_and_one_kind_of_time() -> None:
    """A graph asks for a range, a tile may ask for now; a hidden query is still asked."""
    first, second, third = NAMED["Latency"]["targets"]
    assert [first["refId"], second["refId"], third["refId"]] == ["A", "B", "C"]
    assert (first["range"], first["instant"], first["format"], first["editorMode"]) == (
        True,
        False,
        "time_series",
        "code",
    )
    assert (first["legendFormat"], first["datasource"], "hide" in first) == ("{{model_name}} mean", SOURCE, False)
    assert third["hide"] is True
    assert (NAMED["Usage"]["targets"][0]["instant"], NAMED["Usage"]["targets"][0]["range"]) == (True, False)
    many = _panel(Panel("stat", "S", "d", tuple(Query(f"q{n}") for n in range(28))))
    assert [target["refId"] for target in many["targets"]][25:] == ["Z", "AA", "AB"]


def test_tables_ask_for_now_and_heatmaps_for_buckets() -> None:
    """Whatever the query says, as nothing else can be shown."""
    assert {(t["format"], t["instant"], t["range"]) for t in NAMED["Engines"]["targets"]} == {("table", True, False)}
    heat = NAMED["First token"]["targets"][0]
    assert (heat["format"], heat["legendFormat"]) == ("heatmap", "{{le}}")


def test_values_have_unit_limits_and_words_for_nothing() -> None:
    """NaN reads like no value, unless the panel has words of its own for it."""
    usage, running = (NAMED[title]["fieldConfig"]["defaults"] for title in ("Usage", "Running"))
    assert (usage["unit"], usage["decimals"], usage["min"], usage["max"]) == ("percentunit", 1, 0, 1)
    assert usage["noValue"] == "no engine"
    numbers, nothing = usage["mappings"]
    assert numbers == {
        "type": "value",
        "options": {"0": {"index": 0, "text": "empty"}, "1": {"color": "red", "index": 1, "text": "full"}},
    }
    assert nothing == {"type": "special", "options": {"match": "null", "result": {"index": 2, "text": "no engine"}}}
    assert running["mappings"] == [
        {"type": "special", "options": {"match": "null+nan", "result": {"index": 0, "text": "idle"}}}
    ]


def test_colour_is_a_judgement() -> None:
    """With steps a tile is coloured by them; without, it has the colour of text, or one that the panel names."""
    usage, running, bars = (NAMED[title] for title in ("Usage", "Running", "By engine"))
    assert usage["fieldConfig"]["defaults"]["color"] == {"mode": "thresholds"}
    assert usage["fieldConfig"]["defaults"]["thresholds"]["steps"][0] == {"color": "green", "value": None}
    assert usage["options"]["colorMode"] == "background_solid"
    assert running["fieldConfig"]["defaults"]["color"] == {"fixedColor": "text", "mode": "fixed"}
    assert running["fieldConfig"]["defaults"]["thresholds"]["steps"] == [{"color": "text", "value": None}]
    assert running["options"]["colorMode"] == "value"
    assert bars["fieldConfig"]["defaults"]["color"] == {"fixedColor": "blue", "mode": "fixed"}


def test_bounds_of_a_graph_are_dashed_lines_and_leave_series_their_colours() -> None:
    """What lies under the first bound is neutral."""
    fields = NAMED["Latency"]["fieldConfig"]["defaults"]
    assert fields["custom"]["thresholdsStyle"] == {"mode": "dashed"}
    assert fields["color"] == {"mode": "palette-classic-by-name"}
    assert [step["value"] for step in fields["thresholds"]["steps"]] == [None, 1, 2.5]
    assert fields["custom"]["scaleDistribution"] == {"log": 10, "type": "log"}
    judged = _panel(replace(sample.GRAPH, threshold_lines=False))["fieldConfig"]["defaults"]
    assert (judged["color"], judged["custom"]["thresholdsStyle"]["mode"]) == (
        {"mode": "thresholds", "seriesBy": "last"}, "off",
    )  # fmt: skip


def test_a_graph_starts_at_zero_unless_it_cannot() -> None:
    """Not on a logarithmic scale, and not where the panel has a minimum."""
    assert NAMED["Requests"]["fieldConfig"]["defaults"]["custom"]["axisSoftMin"] == 0
    assert "axisSoftMin" not in NAMED["Latency"]["fieldConfig"]["defaults"]["custom"]
    assert "axisSoftMin" not in _panel(replace(sample.STACK, min=5))["fieldConfig"]["defaults"]["custom"]


def test_stacks_and_legends() -> None:
    """A legend that is a table sorts by the heading of a calculation."""
    assert NAMED["Requests"]["fieldConfig"]["defaults"]["custom"]["stacking"] == {"group": "A", "mode": "normal"}
    assert NAMED["Requests"]["options"]["legend"]["showLegend"] is False
    legend = NAMED["Latency"]["options"]["legend"]
    assert (legend["displayMode"], legend["calcs"], legend["sortBy"]) == ("table", ["mean", "max"], "Max")
    assert {calc: boardlint.ids()["reducers"][calc] for calc in CALC_TITLES} == CALC_TITLES


def test_series_are_found_by_query_where_their_legend_has_gaps() -> None:
    """A legend with labels names many series; a plain one, one; `/…/` is a pattern."""
    by_query, props = _override(NAMED["Latency"], 0)
    assert by_query == {"id": "byFrameRefID", "options": "A"}
    assert props == {"color": {"fixedColor": "purple", "mode": "fixed"}, "decimals": 2, "unit": "ms"}
    by_name, bound = _override(NAMED["Latency"], 1)
    assert by_name == {"id": "byName", "options": "bound"}
    assert (bound["displayName"], bound["custom.lineStyle"]) == ("Bound", {"dash": [10, 10], "fill": "dash"})
    assert bound["custom.stacking"]["mode"] == "none"
    hidden = {"custom.hideFrom": {"legend": True, "tooltip": True, "viz": True}}
    assert _override(NAMED["Latency"], 2) == ({"id": "byFrameRefID", "options": "C"}, hidden)
    assert _override(NAMED["Latency"], 3)[0] == {"id": "byRegexp", "options": "/p9[59]/"}


# ------------------------------------------------------------------------------------- tables and the rest


def test_a_table_joins_its_queries_and_names_orders_and_hides_columns() -> None:
    """Values by the letter of their query, labels by name; the time of the query is of no interest."""
    merge, organize = NAMED["Engines"]["transformations"]
    assert merge == {"id": "merge", "options": {}}
    assert organize["options"] == {
        "excludeByName": {"Time": True, "__name__": True, "instance": True},
        "includeByName": {},
        "indexByName": {"model_name": 0, "Value #B": 1, "Value #A": 2, "instance": 3, "Value #C": 4},
        "renameByName": {"model_name": "Model", "Value #B": "Cache", "Value #A": "Running", "Value #C": "Up"},
    }
    assert NAMED["Engines"]["options"]["sortBy"] == [{"desc": True, "displayName": "Cache"}]


def test_a_table_of_one_query_has_nothing_to_join() -> None:
    """Its values are called Value, without a letter; names are sorted from A."""
    panel = Panel("table", "T", "d", (Query("a", "Running"),), columns=(Column("job"),), sort_by="job")
    (organize,) = _panel(panel)["transformations"]
    assert organize["options"]["renameByName"] == {"Value": "Running"}
    assert _panel(panel)["options"]["sortBy"] == [{"desc": False, "displayName": "job"}]


def test_cells_are_coloured_by_their_column() -> None:
    """A background is transparent below the first bound; a gauge of a share ends at 1; a link keeps variables."""
    heading, model = _override(NAMED["Engines"], 0)
    assert (heading, model["custom.width"]) == ({"id": "byName", "options": "Model"}, 200)
    assert model["links"][0]["url"] == "/d/vllm-obs-engines?${__url_time_range}&${__all_variables}"
    _, cache = _override(NAMED["Engines"], 1)
    assert cache["custom.cellOptions"] == {"mode": "basic", "type": "color-background"}
    assert cache["thresholds"]["steps"][0] == {"color": "transparent", "value": None}
    _, running = _override(NAMED["Engines"], 2)
    assert (running["custom.cellOptions"]["type"], running["min"], running["max"]) == ("gauge", 0, 1)
    _, up = _override(NAMED["Engines"], 3)
    assert (up["custom.cellOptions"]["type"], len(up["thresholds"]["steps"])) == ("color-text", 1)


def test_a_coloured_cell_without_a_bound_is_refused() -> None:
    """Every cell would be painted, whatever it says."""
    with pytest.raises(ValueError, match="T: column A is coloured, but nothing judges it"):
        _panel(Panel("table", "T", "d", (Query("a"),), columns=(Column("A", cell="color-text"),)))


def test_a_column_with_steps_colours_its_text() -> None:
    """Steps say that there is a judgement; it must be seen."""
    panel = Panel("table", "T", "d", (Query("a"),), columns=(Column("A", steps=(Step(1, "red"),)),))
    assert _override(_panel(panel))[1]["custom.cellOptions"] == {"type": "color-text"}


def test_a_link_to_a_board_keeps_time_and_variables_but_any_other_stays_as_it_is() -> None:
    """A link with a query of its own knows what it wants."""
    urls = ["/d/u", "/d/u?var-job=${__data.fields.job}", "https://example.com"]
    panel = _panel(replace(sample.TILE, links=tuple(Link("L", url, new_tab=True) for url in urls)))
    assert [link["url"] for link in panel["links"]] == [urls[0] + "?${__url_time_range}&${__all_variables}", *urls[1:]]
    assert panel["links"][0]["targetBlank"] is True


def test_a_tile_shows_the_calculation_asked_for() -> None:
    """And its history behind it where wanted."""
    assert NAMED["Usage"]["options"]["reduceOptions"] == {"calcs": ["max"], "fields": "", "values": False}
    assert NAMED["Usage"]["options"]["graphMode"] == "area"
    assert NAMED["Running"]["options"]["graphMode"] == "none"


def test_a_gauge_marks_bounds_only_where_it_has_some() -> None:
    """The ring of an unjudged gauge would be coloured all the same."""
    assert NAMED["Budget"]["options"]["showThresholdMarkers"] is True
    assert _panel(replace(sample.GAUGE, steps=()))["options"]["showThresholdMarkers"] is False


def test_a_heatmap_shows_its_buckets_on_the_axis() -> None:
    """The unit is the axis' too; a colour of its own is shown by opacity."""
    options = NAMED["First token"]["options"]
    assert (options["yAxis"]["unit"], options["calculate"], options["color"]["mode"]) == ("s", False, "scheme")
    assert _panel(replace(sample.HEAT, color="red"))["options"]["color"]["mode"] == "opacity"


def test_texts_and_alert_lists() -> None:
    """Words as Markdown; alerts by name, since Grafana's label filter drops alerts that lack the label."""
    assert NAMED["Read me"]["options"]["content"] == "**Red** means act."
    options = NAMED["Alerts"]["options"]
    assert (options["alertName"], options["alertInstanceLabelFilter"], options["dashboardAlerts"]) == (
        "Vllm",
        "",
        False,
    )
    assert "targets" not in NAMED["Alerts"]
