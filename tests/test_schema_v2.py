"""Boards in Grafana's v2 schema: valid by Grafana's published types, the classic boards' contents, rows that hide."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import promql_parser
import pytest
from jsonschema import Draft7Validator

import sample_board as sample
from built import bundle
from harness.programs import ROOT, backfill, openmetrics_line, prometheus_lines, running_prometheus
from vllm_observability.boards import forms
from vllm_observability.boards.panels import dashboards
from vllm_observability.boards.records import Dashboard
from vllm_observability.catalog import boards
from vllm_observability.render.grafana.dashboard import dashboard_json
from vllm_observability.render.grafana.schema_v2 import dashboard_v2_json
from vllm_observability.rules.site import rules_for
from vllm_observability.settings import Settings, parse

Json = dict[str, Any]
AT = 1_800_000_000


@functools.cache
def _drawn() -> dict[str, Dashboard]:
    """Every board in both forms, also of a site with two prefixes, and the one with every option."""
    found = {"sample": sample.BOARD}
    for site, settings in SITES.items():
        planned = rules_for(settings).planned
        for form in (forms.raw, forms.fleet):
            found |= {f"{site}{board.uid}": board for board in dashboards(boards.ALL, form(planned))}
    return found


SITES: dict[str, Settings] = {"": Settings(), "two ": parse({"metric_prefixes": ["vllm:", "ray_vllm_"]})}
UIDS = sorted(
    {
        "sample",
        *(f"{s}{boards.uid(board.slug, form)}" for s in SITES for form in ("raw", "fleet") for board in boards.ALL),
    }
)


def _v2(board: Dashboard) -> Json:
    parsed: Json = json.loads(dashboard_v2_json(board))
    return parsed


@functools.cache
def _validator() -> Draft7Validator:
    return Draft7Validator(json.loads((ROOT / "tests/data/grafana/dashboard-v2-13.2.schema.json").read_text()))


def _faults(resource: Json) -> list[str]:
    return [f"{list(error.absolute_path)}: {error.message}" for error in _validator().iter_errors(resource)]


def test_every_board_is_one_by_grafanas_types() -> None:
    """No key that they don't know, none missing that they ask for."""
    assert len(_drawn()) == 1 + 4 * len(boards.ALL)
    assert UIDS == sorted(_drawn())
    assert [] == [f"{uid} {fault}" for uid, board in _drawn().items() for fault in _faults(_v2(board))]


@pytest.mark.parametrize("break_it", [
    lambda spec: spec.update(panels=[]),
    lambda spec: spec.pop("timeSettings"),
    lambda spec: spec["layout"]["spec"]["rows"][0]["spec"].update(collapsed=True),
    lambda spec: next(iter(spec["elements"].values()))["spec"]["vizConfig"].update(kind="stat"),
    lambda spec: spec["variables"][1]["spec"].update(hide=2),
])  # fmt: skip
def test_the_types_find_what_is_wrong(break_it: Any) -> None:
    """Words of the classic schema, and something that is missing."""
    board = _v2(sample.BOARD)
    break_it(board["spec"])
    assert _faults(board)


# ------------------------------------------------------------------------------- the same as the classic


def _classic_panels(board: Json) -> Iterator[tuple[str, Json]]:
    """(row, panel), wherever the panel stands."""
    row = ""
    for panel in board["panels"]:
        if panel["type"] == "row":
            row = panel["title"]
            yield from ((row, held) for held in panel["panels"])
        else:
            yield row, panel


@pytest.mark.parametrize("uid", UIDS)
def test_panels_are_those_of_the_classic_board(uid: str) -> None:
    """Numbers, words, queries, options, fields and transformations, in the same rows, as wide, one under another."""
    board = _drawn()[uid]
    spec, classic = _v2(board)["spec"], json.loads(dashboard_json(board))
    of_row = {
        item["spec"]["element"]["name"]: (row["spec"]["title"], item["spec"])
        for row in spec["layout"]["spec"]["rows"]
        for item in row["spec"]["layout"]["spec"]["items"]
    }
    told = {}
    for name, element in spec["elements"].items():
        held, data = element["spec"], element["spec"]["data"]["spec"]
        assert {"${datasource}"} >= {query["spec"]["query"]["datasource"]["name"] for query in data["queries"]}
        told[held["id"]] = {
            "row": of_row[name][0], "title": held["title"], "description": held["description"], "links": held["links"],
            "type": held["vizConfig"]["group"], **held["vizConfig"]["spec"],
            "queries": [
                {**q["spec"]["query"]["spec"], "refId": q["spec"]["refId"], "hide": q["spec"]["hidden"]}
                for q in data["queries"]
            ],
            "steps": [(step["group"], step["spec"]["options"]) for step in data["transformations"]],
            "size": tuple(of_row[name][1][side] for side in ("x", "width", "height")),
        }  # fmt: skip
    expected = {
        panel["id"]: {
            "row": row, "title": panel["title"], "description": panel["description"], "links": panel.get("links", []),
            "type": panel["type"], "options": panel["options"], "fieldConfig": panel["fieldConfig"],
            "queries": [
                {"hide": False, **{key: value for key, value in target.items() if key != "datasource"}}
                for target in panel.get("targets", [])
            ],
            "steps": [(step["id"], step["options"]) for step in panel.get("transformations", [])],
            "size": tuple(panel["gridPos"][side] for side in "xwh"),
        }
        for row, panel in _classic_panels(classic)
    }  # fmt: skip

    assert expected == told


@pytest.mark.parametrize("uid", UIDS)
def test_all_else_is_that_of_the_classic_board(uid: str) -> None:
    """Title, tags, links, time, what is asked for each variable and annotation, and which rows are closed."""
    resource, classic = _v2(_drawn()[uid]), json.loads(dashboard_json(_drawn()[uid]))
    spec = resource["spec"]

    assert (classic["uid"], classic["title"], classic["tags"], classic["description"]) == (
        resource["metadata"]["name"], spec["title"], spec["tags"], spec["description"]
    )  # fmt: skip
    assert [{"tooltip": "", **link} for link in classic["links"]] == spec["links"]
    assert (classic["time"]["from"], classic["refresh"]) == (
        spec["timeSettings"]["from"],
        spec["timeSettings"]["autoRefresh"],
    )
    own = [v["spec"] for v in spec["variables"] if not v["spec"]["name"].startswith("has_")]
    assert [(v["name"], v["current"]) for v in classic["templating"]["list"]] == [
        (v["name"], v["current"]) for v in own
    ]
    assert [v["definition"] for v in classic["templating"]["list"] if "definition" in v] == [
        v["definition"] for v in own if "definition" in v
    ]
    assert [(a["name"], a.get("expr"), a.get("titleFormat")) for a in classic["annotations"]["list"]] == [
        (
            a["spec"]["name"],
            a["spec"]["query"]["spec"].get("expr"),
            a["spec"].get("legacyOptions", {}).get("titleFormat"),
        )
        for a in spec["annotations"]
    ]
    closed = [p["title"] for p in classic["panels"] if p["type"] == "row" and p["collapsed"]]
    assert closed == [r["spec"]["title"] for r in spec["layout"]["spec"]["rows"] if r["spec"]["collapse"]]


# ------------------------------------------------------------------------------------- rows that hide


def _conditions(spec: Json) -> dict[str, Json]:
    """Title of a row that may hide -> the variable that its condition reads."""
    variables = {variable["spec"]["name"]: variable["spec"] for variable in spec["variables"]}
    found = {}
    for row in spec["layout"]["spec"]["rows"]:
        if held := row["spec"].get("conditionalRendering"):
            (condition,) = held["spec"]["items"]
            assert ("show", "matches", ".+") == (
                held["spec"]["visibility"], condition["spec"]["operator"], condition["spec"]["value"]
            )  # fmt: skip
            found[row["spec"]["title"]] = variables[condition["spec"]["variable"]]
    return found


def _selector(variable: Json) -> str:
    """What a variable's query selects, everything chosen, as Grafana asks Prometheus for it."""
    found = re.fullmatch(r"label_values\((.+), __name__\)", variable["definition"], re.S)
    assert found
    return re.sub(r"\$\w+", ".*", found[1])


def test_rows_of_features_hide_and_no_others() -> None:
    """A row of what every server has would hide a fault."""
    hiding = {uid: [*_conditions(_v2(board)["spec"])] for uid, board in _drawn().items()}

    assert {uid for uid, rows in hiding.items() if rows} == {
        f"{site}vllm-obs-{form}{board}"
        for site in ("", "two ")
        for form in ("", "fleet-")
        for board in ("features", "kv-cache", "tuning")
    }
    assert all(re.search(r"\(-", row) for rows in hiding.values() for row in rows)  # it names its flag
    assert 6 == len(hiding["vllm-obs-features"]) == len(hiding["vllm-obs-fleet-features"])


def test_what_decides_is_seen_by_nobody_and_stays_on_its_board() -> None:
    """Hidden, in no address, nothing chosen before it is asked; Prometheus takes the query."""
    for board in _drawn().values():
        for variable in _conditions(_v2(board)["spec"]).values():
            assert ("hideVariable", True, False, False) == tuple(
                variable[key] for key in ("hide", "skipUrlSync", "multi", "includeAll")
            )
            assert "" == variable["current"]["value"]
            promql_parser.parse(_selector(variable))


# What a server shows by the feature that is on; every server shows the first.
FEATURES = {
    "": {"vllm:num_requests_running": {}},
    "LoRA adapters (--enable-lora)": {"vllm:lora_requests_info": {"max_lora": "4"}},
    "Speculative decoding (--speculative-config)": {"vllm:spec_decode_num_draft_tokens_total": {}},
    "Model FLOPs utilization (--enable-mfu-metrics, vLLM 0.18)": {"vllm:estimated_flops_per_gpu_total": {}},
}


@pytest.mark.parametrize("feature", FEATURES)
def test_a_row_is_shown_while_its_feature_has_data(feature: str, tmp_path: Path) -> None:
    """A real Prometheus lists values for the row of the feature that is on, and for no other."""
    labels = {"job": "vllm", "instance": "a", "model_name": "m", "engine": "0"}
    shown = {**FEATURES[""], **FEATURES[feature]}
    samples = [openmetrics_line(name, {**labels, **more}, 1, AT) for name, more in shown.items()]
    backfill("".join([*samples, "# EOF\n"]), tmp_path, prometheus_lines()[0])
    listed = set()
    with running_prometheus(tmp_path, line=prometheus_lines()[0]) as server:
        for title, variable in _conditions(_v2(_drawn()["vllm-obs-features"])["spec"]).items():
            asked = {"match[]": _selector(variable), "start": str(AT - 60), "end": str(AT + 60)}
            answer = httpx.get(f"{server.url}/api/v1/label/__name__/values", params=asked, trust_env=False).json()
            listed |= {title} if answer["data"] else set()

    assert ({feature} if feature else set()) == listed


# ----------------------------------------------------------------------------------------- what is built


def test_they_are_built_where_asked() -> None:
    """A folder for each form; nothing else of the bundle changes."""
    without, with_them = bundle(Settings()), bundle(parse({"boards_v2": True}))
    more = {path: text for path, text in with_them.items() if path not in without}

    assert without == {path: text for path, text in with_them.items() if path in without}
    assert 2 * len(boards.ALL) == len(more)
    assert {"deploy/grafana/v2/raw", "deploy/grafana/v2/fleet"} == {path.rpartition("/")[0] for path in more}
    for path, text in more.items():
        assert text.endswith("}\n"), path
        assert "dashboard.grafana.app/v2" == json.loads(text)["apiVersion"]
