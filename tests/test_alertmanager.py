"""The example for Alertmanager: it loads, each severity goes where it should, and what inhibits what is as intended."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml

from toolbox import ROOT, tool

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
    named = {word.strip("]") for word in words if word.startswith("Vllm")}

    assert len(emitted) > 20
    assert set() == {name for name in named if name != "Vllm.+"} - emitted


def test_a_critical_alert_silences_its_own_warning_only() -> None:
    """The first rule compares the alert's name and everything that tells two of its instances apart."""
    rule = yaml.safe_load(CONFIG.read_text())["inhibit_rules"][0]

    assert ['severity="critical"'] == rule["source_matchers"]
    assert {"alertname", "cluster", "namespace", "job", "model_name", "instance", "engine", "of"} == set(rule["equal"])
