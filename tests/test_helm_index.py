"""The chart as an index and `helm test` see it: what it says of itself, its table of values, its test."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from charts import CHART, of_kind, render, rules_of
from harness.programs import ROOT
from vllm_observability import HOME


def _chart() -> dict[str, Any]:
    return dict(yaml.safe_load((CHART / "Chart.yaml").read_text()))


def test_the_chart_says_what_an_index_shows() -> None:
    """Where it is from, who keeps it, which clusters, and what Artifact Hub lists; its lists are YAML of its own."""
    chart = _chart()
    assert chart["home"] == HOME == chart["sources"][0] == chart["maintainers"][0]["url"]
    assert chart["icon"].startswith(f"{HOME}/raw/v{chart['version']}/")
    assert (ROOT / chart["icon"].split(f"/v{chart['version']}/")[1]).exists()
    assert re.fullmatch(r">=1\.\d+\.0-0", chart["kubeVersion"])
    listed = {name.split("/")[1]: yaml.safe_load(text) for name, text in chart["annotations"].items()}
    for one in listed["links"] + listed["changes"][0]["links"]:
        assert (ROOT / one["url"].split(f"/v{chart['version']}/")[1]).exists(), one
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    assert [values["test"]["image"]] == [image["image"] for image in listed["images"]]
    assert "false" == chart["annotations"]["artifacthub.io/operator"]


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("operator", ["prometheus-operator", "victoria-metrics-operator"])
def test_helm_test_asks_for_a_group_that_is_rendered(shared: bool, operator: str) -> None:
    """By the name that Prometheus and vmalert list it under."""
    documents = render({"rules": {"shared": shared}, "operator": operator, "test": {"url": "http://p:9090/"}})
    (pod,) = of_kind(documents, "Pod")
    (container,) = pod["spec"]["containers"]
    env = {one["name"]: one["value"] for one in container["env"]}
    assert "http://p:9090/api/v1/rules" == env["RULES"]
    assert env["GROUP"] in {f'"name":"{rule["group"]}"' for rule in rules_of(documents)}
    assert "test" == pod["metadata"]["annotations"]["helm.sh/hook"]


@pytest.mark.parametrize("values", [{"test": {"enabled": False}}, {"rules": {"enabled": False}}, {"operator": "none"}])
def test_nothing_is_tested_that_is_not_there(values: dict[str, Any]) -> None:
    """No rules, or none that an operator loads."""
    assert [] == of_kind(render(values), "Pod")


def test_the_readme_lists_every_value() -> None:
    """With its default, as values.yaml has it."""
    listed = dict(re.findall(r"^\| `([\w.]+)` \| (?:`(.*?)`)? \|", (CHART / "README.md").read_text(), re.M))
    for path, value in _leaves(yaml.safe_load((CHART / "values.yaml").read_text())):
        assert value == yaml.safe_load(listed[path].replace("\\|", "|")), path
    assert len(listed) > 90


def _leaves(values: dict[str, Any], above: str = "") -> list[tuple[str, Any]]:
    found = []
    for key, value in values.items():
        flow = isinstance(value, dict) and (not value or above == "thresholds.")
        found += (
            _leaves(value, f"{above}{key}.") if isinstance(value, dict) and not flow else [(f"{above}{key}", value)]
        )
    return found
