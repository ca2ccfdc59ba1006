"""GPUs and pods beside engines: made exporter pages, in their default names, joined by pod; and without the label."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from harness import boardlint, misleading
from harness.programs import (
    ROOT,
    backfill,
    openmetrics_line,
    prometheus_lines,
    promtool_check_rules,
    promtool_test_rules,
    running_prometheus,
    write_rules,
)
from vllm_observability.build.artefacts import artefacts
from vllm_observability.catalog import beside
from vllm_observability.doctor import Diagnosis, examine
from vllm_observability.pages.scrape import read_page
from vllm_observability.pages.sources import Access
from vllm_observability.prometheus import Api
from vllm_observability.settings import SettingsError, parse

PAGES = ROOT / "tests/data/exporters"
SCENARIOS = ROOT / "tests/scenarios/beside/gpu.yaml"
ENGINES = {  # pod -> labels of its server, and output tokens per second
    "chat-0": ({"instance": "10.0.0.1:8000", "model_name": "chat", "engine": "0"}, 100),
    "code-0": ({"instance": "10.0.0.2:8000", "model_name": "code", "engine": "0"}, 50),
}
Rename = Callable[[dict[str, str]], dict[str, str]]


@cache
def bundle(label: str | None) -> dict[str, str]:
    """What is emitted where the settings name a label."""
    return artefacts(parse({"gpu_join_label": label} if label else {}))


# ------------------------------------------------------------------------------------------- without it


def test_nothing_of_it_is_emitted_by_default() -> None:
    """No file, rule, board, runbook or value; and no name of an exporter anywhere."""
    names = [
        *beside.POWER,
        *beside.XID,
        *beside.CLOCK_REASONS,
        *beside.VIOLATIONS,
        *beside.RESTARTS,
        "VllmGpu",
        "vllm-gpu",
    ]
    for path, text in bundle(None).items():
        assert [] == [name for name in names if name in text or name in path], path


def test_with_a_label_files_are_only_added_to() -> None:
    """Every other rule and board stays what it is."""
    before, after = bundle(None), bundle("pod")
    assert before.keys() <= after.keys()
    assert {"dashboards/vllm-gpu.json", "dashboards/fleet/vllm-gpu.json", "alerts/runbooks/VllmGpuFault.md",
            "alerts/runbooks/VllmGpuThrottled.md"} <= after.keys() - before.keys()  # fmt: skip
    for path in (path for path in before if path.startswith("dashboards/") and path.endswith(".json")):
        assert before[path] == after[path], path
    for path in ("alerts/vllm-recording-rules.yaml", "alerts/vllm-alerts.yaml"):
        rules, more = (_rules(files[path]) for files in (before, after))
        assert [] == [rule for rule in rules if rule not in more], path


def _rules(text: str) -> list[Any]:
    return [rule for group in yaml.safe_load(text)["groups"] for rule in group["rules"]]


@pytest.mark.parametrize("label", ["", "a-b", "1", "pod{", "__name__", "__x",
     "namespace", "job", "cluster", "instance", "model_name", "engine",
     "exported_namespace", "exported_instance"])  # fmt: skip
def test_a_label_that_is_none_is_refused(label: str) -> None:
    """With its place."""
    with pytest.raises(SettingsError, match="gpu_join_label") as refused:
        parse({"gpu_join_label": label})
    assert 1 == str(refused.value).count("gpu_join_label:")


def test_thresholds_holds_and_switches_know_its_checks(tmp_path: Path) -> None:
    """Where it is on; without it there are no such checks."""
    chosen = {
        "thresholds": {"gpu_throttled": {"warning": 0.9}},
        "holds": {"gpu_fault": {"warning": "5m"}},
        "alerts_off": ["VllmGpuFault"],
    }
    with pytest.raises(SettingsError, match="exists only where gpu_join_label is set") as refused:
        parse(chosen)
    assert 3 == str(refused.value).count("exists only")
    with pytest.raises(SettingsError, match="an event, which has no threshold"):
        parse({"thresholds": {"gpu_fault": {"warning": 5}}, "gpu_join_label": "pod"})
    files = artefacts(parse({**chosen, "gpu_join_label": "pod"}))
    assert "* 0.9" in files["alerts/vllm-recording-rules.yaml"]
    assert "VllmGpuThrottled" in files["alerts/vllm-alerts.yaml"]
    assert "VllmGpuFault" not in files["alerts/vllm-alerts.yaml"]
    values = yaml.safe_load(files["deploy/helm/vllm-observability/values.yaml"])
    assert {"warning": 0.9} == values["thresholds"]["gpu_throttled"]
    assert "" == promtool_check_rules(write_rules(files, tmp_path))


# -------------------------------------------------------------------------------------------- the join


def _kept(labels: dict[str, str]) -> dict[str, str]:
    """As `honor_labels` keeps what an exporter says."""
    return labels


def _exported(labels: dict[str, str]) -> dict[str, str]:
    """As Prometheus renames it where the exporter's own target has these labels."""
    own = {"pod": "exporter-x7f", "namespace": "gpu-operator", "container": "exporter"}
    return {**{f"exported_{name}" if name in own else name: value for name, value in labels.items()}, **own}


def _without(labels: dict[str, str]) -> dict[str, str]:
    """As an exporter that maps no GPU to a pod."""
    return {name: value for name, value in labels.items() if name not in ("pod", "namespace", "container")}


def _series(page: str, rename: Rename, prefix: str = "") -> Iterator[tuple[str, dict[str, str], float]]:
    for sample in read_page((PAGES / f"{page}.txt").read_bytes()).samples:
        labels = {name: value for name, value in rename(dict(sample.labels)).items() if value}
        yield prefix + sample.name, {"job": page, "instance": "10.1.0.1:9400", **labels}, sample.value


def _text(name: str, labels: Mapping[str, str]) -> str:
    return f"{name}{{{','.join(f'{key}={json.dumps(value)}' for key, value in labels.items())}}}"


def _input(page: str, rename: Rename, prefix: str = "", pods: Rename = _kept) -> list[dict[str, str]]:
    """An hour and more of engines, GPUs and pods, as promtool wants it."""
    rows = []
    for pod, (labels, tokens) in ENGINES.items():
        server = {"job": "vllm", "namespace": "prod", "pod": pod, **labels}
        rows.append({"series": _text("vllm:num_requests_running", server), "values": "3x90"})
        rows.append({"series": _text("vllm:generation_tokens_total", server), "values": f"0+{60 * tokens}x90"})
    for name, labels, value in _series(page, rename, prefix):
        rows.append({"series": _text(name, labels), "values": f"{value:g}x90"})
    for name, labels, value in _series("kube-state-metrics", pods):
        grows = name.endswith("restarts_total") and "chat-0" in labels.values()
        rows.append(
            {"series": _text(name, labels), "values": f"{value:g}x60 {value + 2:g}x30" if grows else f"{value:g}x90"}
        )
    return rows


# By server, from the pages by hand: both GPUs of chat-0 added up or the worse of them, the one of code-0.
TRUE = {
    "engine:vllm_gpu_power_watts:sum": {"chat": 1000, "code": 300},
    "engine:vllm_gpu_temperature_celsius:max": {"chat": 84, "code": 55},
    "engine:vllm_gpu_memory_used:ratio": {"chat": 0.9, "code": 0.5},
    "engine:vllm_gpu_energy_per_token:joules": {"chat": 10, "code": 6},
    "engine:vllm_pod_oom_killed:last1h": {"chat": 1, "code": 0},
    "engine:vllm_pod_evicted:last1h": {"chat": 0, "code": 1},
    "engine:vllm_gpu_fault:last15m": {"chat": 0, "code": 0},
}
THROTTLED = {"dcgm": {"chat": 1, "code": 0}, "amd": {"chat": 0.9, "code": 0}}


def _asked(label: str, rows: list[dict[str, str]], expected: Mapping[str, Mapping[str, float]], folder: Path) -> str:
    """What promtool finds wrong with recorded series, after an hour and ten minutes."""
    write_rules(bundle(label), folder)
    checks = [
        {
            "expr": f"sum by (model_name) ({name})", "eval_time": "70m",
            "exp_samples": [{"labels": f'{{model_name="{model}"}}', "value": value} for model, value in values.items()],
        }
        for name, values in expected.items()
    ]  # fmt: skip
    order = ["vllm-load", "vllm-tokens", "vllm-thresholds", "vllm-beside", "vllm-alerts"]
    document = {
        "rule_files": ["vllm-recording-rules.yaml", "vllm-alerts.yaml"], "evaluation_interval": "1m",
        "group_eval_order": order,
        "tests": [{"interval": "1m", "input_series": rows, "promql_expr_test": checks}],
    }  # fmt: skip
    path = folder / "test.yaml"
    path.write_text(yaml.safe_dump(document))
    return promtool_test_rules(path)


@pytest.mark.parametrize(("label", "rename"), [("pod", _kept), ("exported_pod", _exported)], ids=["kept", "exported"])
@pytest.mark.parametrize(
    ("page", "prefix"), [("dcgm", ""), ("amd", ""), ("amd", "amd_")], ids=["nvidia", "amd", "amd_"]
)
@pytest.mark.parametrize("pods", [_kept, _exported], ids=["pods kept", "pods exported"])
def test_gpus_are_joined_to_the_engine_that_uses_them(
    label: str, rename: Rename, page: str, prefix: str, pods: Rename, tmp_path: Path
) -> None:
    """Two pods on one node, an idle GPU beside them; kube-state-metrics may keep its labels where exporters don't."""
    expected = {**TRUE, "engine:vllm_gpu_throttled:ratio5m": THROTTLED[page]}
    assert "" == _asked(label, _input(page, rename, prefix, pods), expected, tmp_path)


@pytest.mark.parametrize("page", ["dcgm", "amd"])
@pytest.mark.parametrize(
    ("label", "rename"), [("pod", _without), ("exported_pod", _without), ("pod", _exported), ("exported_pod", _kept)]
)
def test_without_the_label_nothing_is_joined_and_nothing_fires(
    page: str, label: str, rename: Rename, tmp_path: Path
) -> None:
    """No pod, or another label than the settings say, which would name the exporter's own pod."""
    names = [name for name in TRUE if "vllm_gpu" in name]
    expected: dict[str, dict[str, float]] = {
        name: {} for name in [*names, "engine:vllm_gpu_throttled:ratio5m", 'ALERTS{alertname=~"VllmGpu.*"}']
    }
    assert "" == _asked(label, _input(page, rename), expected, tmp_path)


def test_another_label_joins_what_both_sides_have(tmp_path: Path) -> None:
    """Servers without Kubernetes, a node each."""
    engine = {"job": "vllm", "engine": "0"}
    rows = [
        {"series": _text("vllm:num_requests_running", {**engine, "instance": n, "node": n, "model_name": n}),
         "values": "1x90"}
        for n in ("one", "two")
    ]  # fmt: skip
    rows += [
        {"series": _text("DCGM_FI_DEV_GPU_TEMP", {"job": "dcgm", "UUID": n, "node": n}), "values": f"{v}x90"}
        for n, v in (("one", 50), ("two", 70))
    ]
    expected = {
        "engine:vllm_gpu_temperature_celsius:max": {"one": 50, "two": 70},
        "engine:vllm_gpu_power_watts:sum": {},
    }
    assert "" == _asked("node", rows, expected, tmp_path)


def test_alerts_fire_stay_quiet_and_name_the_right_server(tmp_path: Path) -> None:
    """Each fires, stays quiet just under its threshold, and without traffic or an exporter."""
    write_rules(bundle("pod"), tmp_path)
    path = tmp_path / SCENARIOS.name
    path.write_text(SCENARIOS.read_text())
    assert "" == promtool_test_rules(path)
    assert {check.alert for check in beside.CHECKS} <= set(re.findall(r"VllmGpu[A-Z]\w+", SCENARIOS.read_text()))


# ------------------------------------------------------------------------------------------- the board


@pytest.mark.parametrize("form", ["", "fleet/"], ids=["raw", "fleet"])
def test_the_board_has_no_fault(form: str) -> None:
    """Every rule of the lints; each panel says why it may be empty, and which metrics it is made of."""
    board = json.loads(bundle("pod")[f"dashboards/{form}vllm-gpu.json"])
    assert [] == boardlint.faults(board)
    assert [] == misleading.faults(board)
    offered = {variable["name"] for variable in boardlint.variables_of(board)}
    assert "instance" in offered
    assert "engine" not in offered
    recorded = {rule["record"] for rule in _rules(bundle("pod")["alerts/vllm-recording-rules.yaml"])}
    for panel, expr in boardlint.queries(board):
        assert set(re.findall(r"(?:engine|model):vllm_\w+:\w+", expr)) <= recorded, panel["title"]
        assert "Metrics: `" in panel["description"]
        assert "`up`" not in panel["description"]
    assert len([*boardlint.queries(board)]) <= 40


@pytest.mark.parametrize("alert", ["VllmGpuFault", "VllmGpuThrottled"])
def test_its_runbooks_ask_and_lead_to_the_board(alert: str) -> None:
    """Three or four queries as elsewhere, no placeholder left, and the panel that answers."""
    page = bundle("pod")[f"alerts/runbooks/{alert}.md"]
    assert page.count("```promql") in (3, 4)
    assert "vllm-obs-gpu) ([file](../../dashboards/vllm-gpu.json)), where its link lands" in page
    assert '{pod=~".+"}' in page
    assert '`{pod="…"}` alone' in page
    assert "No row* → no series of NVIDIA's has this value of `pod`" in page
    files = bundle("pod")["docs/questions.md"], bundle(None)["docs/questions.md"]
    assert ["vllm-gpu" in text and "Is it the GPU?" in text for text in files] == [True, False]
    assert f"[{alert}]({alert}.md)" in bundle("pod")["alerts/runbooks/README.md"]


@pytest.mark.parametrize("folder", ["dashboards", "dashboards/fleet"])
def test_each_query_of_the_board_obeys_every_variable(folder: str) -> None:
    """Instance included; bounds that are drawn beside values are of models."""
    board = json.loads(bundle("pod")[f"{folder}/vllm-gpu.json"])
    offered = [each["name"] for each in board["templating"]["list"] if each["type"] == "query"]
    asked = [expr for _, expr in boardlint.queries(board) if not misleading.bound(expr)]
    assert "instance" in offered
    assert len(asked) > 20
    assert [] == [(name, expr) for expr in asked for name in offered if f"${name}" not in expr]


# ------------------------------------------------------------------------------------------- the doctor


def _examined(folder: Path, rows: list[dict[str, str]], label: str) -> Diagnosis:
    """What is found at the end of a minute with these numbers."""
    end = 1_800_000_000
    lines = [
        f"{row['series']} {row['values'].split('x')[0].split('+')[0]} {end - 30 * n}\n"
        for row in rows
        for n in (2, 1, 0)
    ]
    lines += [openmetrics_line("up", {"job": "vllm", "instance": labels["instance"]}, 1, end - 30 * n)
              for labels, _ in ENGINES.values() for n in (2, 1, 0)]  # fmt: skip
    backfill("".join(lines) + "# EOF\n", folder)
    with running_prometheus(folder, line=prometheus_lines()[-1]) as server:
        api = Api(server.url, Access(timeout=60), 64_000_000)
        return examine(api, parse({"gpu_join_label": label}), end)


def _fixes(found: Diagnosis) -> dict[str, str]:
    """Problems of GPUs and pods by id, with what to do."""
    return {p.id: p.fix for p in found.problems if p.id.startswith(("gpu", "engine_pod", "kube"))}


def _blind(found: Diagnosis) -> list[str]:
    return [state.of for state in found.alerts if not state.ready and "Gpu" in state.of]


def test_the_doctor_says_why_nothing_is_joined(tmp_path: Path) -> None:
    """The exporter is missing, or the label, or it is another one, or the engines have none; and what is well."""
    engines = [row for row in _input("dcgm", _kept) if row["series"].startswith("vllm:")]
    node = [{**row, "series": row["series"].replace("{", '{node="a",', 1)} for row in _input("dcgm", _kept)]
    recorded = [{"series": 'model:vllm_requests_running:sum{model_name="chat"}', "values": "3x90"}]
    both, throttled = ["VllmGpuFault", "VllmGpuThrottled"], ["VllmGpuThrottled"]
    cases: list[tuple[str, list[dict[str, str]], str, dict[str, str], list[str]]] = [
        ("joined", _input("dcgm", _kept), "pod", {}, []),
        ("joined exported", _input("amd", _exported), "exported_pod", {}, []),
        ("no exporter", engines, "pod", {"gpu_exporter": "scrape it"}, both),
        ("no label", _input("dcgm", _without), "pod", {"gpu_label": "DCGM_EXPORTER_KUBERNETES=true"}, both),
        ("exported", _input("dcgm", _exported), "pod", {"gpu_elsewhere": "gpu_join_label: exported_pod"}, both),
        ("kept", _input("dcgm", _kept), "exported_pod", {"gpu_label": "gpu_join_label: pod"}, both),
        ("bare engines", [{**row, "series": re.sub(r'pod="(chat|code)-0",(?=instance)', "", row["series"])}
                          if row["series"].startswith("vllm:") else row
                          for row in _input("dcgm", _kept)], "pod", {"engine_pod": "__meta_kubernetes_pod_name"}, both),
        ("no reasons", [row for row in _input("dcgm", _kept) if "REASONS" not in row["series"]], "pod",
         {"gpu_clock_reasons": "DCGM_FI_DEV_CLOCKS_EVENT_REASONS, gauge"}, throttled),
        ("no pods", [row for row in _input("dcgm", _kept) if not row["series"].startswith("kube")], "pod",
         {"kube_state_metrics": "scrape it"}, []),
        ("one node", node, "node", {"gpu_shared": "names one server"}, []),
        ("other rules", [*_input("dcgm", _kept), *recorded], "pod", {"gpu_rules": "vllm-obs build"}, both),
    ]  # fmt: skip
    for name, rows, label, expected, blind in cases:
        found = _examined(tmp_path / name.replace(" ", "-"), rows, label)
        fixes = {id: fix for id, fix in _fixes(found).items() if id in expected or name not in ("no exporter",)}
        assert fixes.keys() == expected.keys(), (name, fixes)
        assert all(words in fixes[id] for id, words in expected.items()), (name, fixes)
        assert blind == _blind(found), name
        assert [state for state in found.panels if state.of.startswith("GPU / ")], name


def test_alerts_are_switched_off_by_their_names() -> None:
    """The name of a check is none, and the label that is set is not what is missing."""
    with pytest.raises(SettingsError, match="there is no alert 'gpu_fault'"):
        parse({"gpu_join_label": "pod", "alerts_off": ["gpu_fault"]})
    with pytest.raises(SettingsError, match="exists only where gpu_join_label is set"):
        parse({"alerts_off": ["VllmGpuFault"]})
    assert parse({"gpu_join_label": "pod", "alerts_off": ["VllmGpuFault"]})
