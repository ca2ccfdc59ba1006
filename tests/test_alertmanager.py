"""The example for Alertmanager: it loads, each severity goes where it should, and what inhibits what is as intended."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from harness.programs import ROOT, tool
from vllm_observability.render.deploy.alertmanager_yaml import alertmanager_files
from vllm_observability.settings import parse

CONFIG = ROOT / "deploy/alertmanager/alertmanager.yml"


def _amtools() -> list[Path]:
    return sorted({tool("amtool"), *ROOT.glob(".tools/*/usr/bin/amtool")})


@pytest.mark.parametrize("amtool", _amtools(), ids=str)
def test_the_example_loads(amtool: Path) -> None:
    """Every amtool to be had takes the configuration."""
    done = subprocess.run([amtool, "check-config", CONFIG], capture_output=True, text=True, check=False)

    assert (0, True) == (done.returncode, "SUCCESS" in done.stdout), done.stdout + done.stderr


@pytest.mark.parametrize(
    ("receiver", "labels"),
    [
        ("pager", ["alertname=VllmTargetDown", "severity=critical"]),
        ("pager", ["alertname=VllmTtftBudgetBurn", "severity=critical", "window=1h"]),
        ("chat", ["alertname=VllmKvCacheUsageHigh", "severity=warning", "model_name=m"]),
        ("log", ["alertname=VllmConfigDrift", "severity=info"]),
        ("chat", ["alertname=SomebodyElses"]),
    ],
)
def test_each_severity_has_its_receiver(receiver: str, labels: list[str]) -> None:
    """Critical pages, warnings go to the chat, notes to the log, and the rest is not lost."""
    command = [tool("amtool"), "config", "routes", "test", f"--config.file={CONFIG}", f"--verify.receivers={receiver}"]

    assert 0 == subprocess.run([*command, *labels], capture_output=True, check=False).returncode


def test_only_alerts_that_exist_are_named() -> None:
    """Each alert in an inhibition rule is one of the emitted alerts."""
    rules = yaml.safe_load((ROOT / "alerts/vllm-alerts.yaml").read_text())
    emitted = {rule["alert"] for group in rules["groups"] for rule in group["rules"]}
    text = CONFIG.read_text()
    words = text.replace("|", " ").replace('"', " ").split()
    named = {word.strip("],") for word in words if word.startswith("Vllm")}

    assert len(emitted) > 20
    assert set() == {name for name in named if name != "Vllm.+"} - emitted


def test_a_critical_alert_silences_its_own_warning_only() -> None:
    """The first rule compares the alert's name and everything that tells two of its instances apart."""
    rule = yaml.safe_load(CONFIG.read_text())["inhibit_rules"][0]

    assert ['alertname=~"Vllm.+"', 'severity="critical"'] == rule["source_matchers"]
    assert {"alertname", "cluster", "namespace", "job", "model_name", "instance", "engine", "of"} == set(rule["equal"])


def test_inhibition_follows_the_scope_labels() -> None:
    """A site's own scope labels are those of grouping and inhibition; an alert that is off explains nothing."""
    text = alertmanager_files(parse({"scope_labels": ["region"], "alerts_off": ["VllmTargetDown"]}))["alertmanager.yml"]
    config = yaml.safe_load(text)
    rules = {rule["source_matchers"][0]: set(rule["equal"]) for rule in config["inhibit_rules"]}

    assert ["alertname", "region", "model_name"] == config["route"]["group_by"]
    assert {"alertname", "region", "model_name", "instance", "engine", "of"} == rules['alertname=~"Vllm.+"']
    assert {"region", "model_name"} == rules['alertname="VllmModelVanished"']
    assert not any("VllmTargetDown" in matcher for matcher in rules)
    assert "namespace" not in text


TARGET = {"alertname": "VllmTargetDown", "severity": "critical", "job": "vllm", "instance": "a"}
VANISHED = {"alertname": "VllmModelVanished", "severity": "critical", "job": "vllm", "model_name": "m"}


@pytest.mark.parametrize(
    ("silenced", "source", "target"),
    [
        (True, {**TARGET}, {"alertname": "VllmScrapeSlow", "severity": "warning", "job": "vllm", "instance": "a"}),
        (False, {**TARGET}, {"alertname": "VllmScrapeSlow", "severity": "warning", "job": "vllm", "instance": "b"}),
        (False, {**TARGET}, VANISHED),
        (True, VANISHED, {"alertname": "VllmRequestsWaiting", "severity": "warning", "job": "vllm", "model_name": "m"}),
        (
            False,
            VANISHED,
            {"alertname": "VllmRequestsWaiting", "severity": "warning", "job": "vllm", "model_name": "n"},
        ),
        (
            False,
            {"alertname": "VllmEngineStalled", "severity": "critical", "job": "vllm", "model_name": "m", "engine": "0"},
            {"alertname": "VllmRequestsWaiting", "severity": "critical", "job": "vllm", "model_name": "m"},
        ),
        (False, {"alertname": "Theirs", "severity": "critical"}, {"alertname": "Theirs", "severity": "warning"}),
        (
            True,
            {"alertname": "VllmRequestsWaiting", "severity": "critical", "job": "vllm", "model_name": "m"},
            {"alertname": "VllmRequestsWaiting", "severity": "warning", "job": "vllm", "model_name": "m"},
        ),
    ],
)
def test_what_silences_what(silenced: bool, source: dict[str, str], target: dict[str, str]) -> None:
    """A server explains its own alerts, a model its own, a severity its lesser one; nothing else, and nobody else's."""
    rules = yaml.safe_load(CONFIG.read_text())["inhibit_rules"]
    found = any(
        _fits(rule["source_matchers"], source)
        and _fits(rule["target_matchers"], target)
        and all(source.get(label, "") == target.get(label, "") for label in rule["equal"])
        for rule in rules
    )

    assert silenced == found


def _fits(matchers: list[str], labels: dict[str, str]) -> bool:
    """As Alertmanager reads them; an absent label is empty."""
    for matcher in matchers:
        label, op, value = re.fullmatch(r'(\w+)(=~|!=|=)"(.*)"', matcher).groups()  # type: ignore[union-attr]
        same = re.fullmatch(value, labels.get(label, "")) if op == "=~" else labels.get(label, "") == value
        if bool(same) == (op == "!="):
            return False
    return True


def test_no_secret_stands_in_the_configuration() -> None:
    """Every receiver reads its secret from a file."""
    receivers = yaml.safe_load(CONFIG.read_text())["receivers"]
    kinds = {kind for receiver in receivers for kind in receiver if kind != "name"}

    assert {"pagerduty_configs", "slack_configs", "webhook_configs"} == kinds
    for word in ("routing_key:", "api_url:", "credentials:", "password:", "token:"):
        assert word not in CONFIG.read_text()


LABELS = {"alertname": "VllmRequestsWaiting", "severity": "critical", "cluster": "c1", "model_name": "acme/chat"}
ANNOTATIONS = {
    "summary": "Requests wait for a place in the batch of a vLLM engine.",
    "description": "acme/chat has 127 requests waiting per engine (threshold 50).",
    "runbook_url": "https://r.example/VllmRequestsWaiting",
    "dashboard_url": "https://g.example/d/vllm-obs-overview",
}


def _rendered(
    amtool: Path,
    template: str,
    status: str,
    folder: Path,
    labels: dict[str, str] = LABELS,
    annotations: dict[str, str] = ANNOTATIONS,
    alerts: int = 1,
) -> str:
    alert = {
        "status": status,
        "labels": labels,
        "annotations": annotations,
        "startsAt": "2026-11-25T10:00:00Z",
        "endsAt": "2026-11-25T10:30:00Z",
    }
    data = {
        "status": status,
        "alerts": [alert] * alerts,
        "commonLabels": labels,
        "groupLabels": {},
        "commonAnnotations": {},
    }
    (folder / "data.json").write_text(json.dumps(data))
    done = subprocess.run(
        [
            amtool,
            "template",
            "render",
            f"--template.glob={CONFIG.parent / 'vllm.tmpl'}",
            f"--template.data={folder / 'data.json'}",
            f'--template.text={{{{ template "{template}" . }}}}',
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("amtool", _amtools(), ids=str)
def test_a_message_says_all_that_is_needed(amtool: Path, tmp_path: Path) -> None:
    """What is wrong, the number and its bound, where, since when, runbook and board; and when it is over."""
    text = _rendered(amtool, "vllm.text", "firing", tmp_path)
    lines = [line for line in text.splitlines() if line]

    assert [
        "Requests wait for a place in the batch of a vLLM engine.",
        "acme/chat has 127 requests waiting per engine (threshold 50).",
        "Since 2026-11-25 10:00:00 UTC at cluster=c1",
        "Runbook: https://r.example/VllmRequestsWaiting",
        "Board: https://g.example/d/vllm-obs-overview",
    ] == lines
    assert "[CRITICAL] VllmRequestsWaiting: acme/chat" == _rendered(amtool, "vllm.title", "firing", tmp_path).strip()
    assert _rendered(amtool, "vllm.title", "resolved", tmp_path).startswith("[RESOLVED] VllmRequestsWaiting")
    slack = _rendered(amtool, "vllm.slack", "resolved", tmp_path)
    assert slack.startswith("Resolved: *Requests wait")
    assert "<https://g.example/d/vllm-obs-overview|Board>" in slack


@pytest.mark.parametrize("amtool", _amtools(), ids=str)
def test_a_name_calls_nobody_and_links_nowhere(amtool: Path, tmp_path: Path) -> None:
    """Slack reads <!channel>, <@U1> and <url|text>: a model's name is text, on one line, and not endless."""
    name = "<!channel> <https://evil.example|Board> &lt;!here>\nResolved: fine" + "x" * 5000
    labels = {**LABELS, "model_name": name, "cluster": "<!here>\ra"}
    annotations = {**ANNOTATIONS, "description": f"{name} has 127 requests waiting."}
    shown = "&lt;!channel&gt; &lt;https://evil.example|Board&gt; &amp;lt;!here&gt; Resolved: finexxx"

    slack = _rendered(amtool, "vllm.slack", "firing", tmp_path, labels, annotations)
    assert shown in slack
    assert "cluster=&lt;!here&gt; a" in slack
    assert [ANNOTATIONS["runbook_url"], ANNOTATIONS["dashboard_url"]] == re.findall(r"<([^|>]*)", slack)
    assert len(slack) < 1000
    assert shown in _rendered(amtool, "vllm.slack.title", "firing", tmp_path, labels, annotations)
    for template in ("vllm.text", "vllm.title"):
        text = _rendered(amtool, template, "firing", tmp_path, labels, annotations)
        assert "here> Resolved: fine" in text
        assert len(text) < 1000


@pytest.mark.parametrize("amtool", _amtools(), ids=str)
def test_two_hundred_alerts_are_one_short_message(amtool: Path, tmp_path: Path) -> None:
    """Ten of them, and how many there are."""
    for template in ("vllm.slack", "vllm.text"):
        text = _rendered(amtool, template, "firing", tmp_path, alerts=200)
        assert 10 == text.count("has 127 requests waiting")
        assert text.strip().endswith("These are 10 of 200 alerts; Alertmanager and the boards have all of them.")
        assert len(text) < 4000
        ten = _rendered(amtool, template, "firing", tmp_path, alerts=10)
        assert (10, False) == (ten.count("has 127 requests waiting"), "These are" in ten)
