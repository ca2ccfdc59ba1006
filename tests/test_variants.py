"""The retellings of scenarios reach every alert; variants_check.py, of the slower checks, runs them."""

from __future__ import annotations

import pytest
import yaml

from harness.programs import ROOT, prometheus_lines, promtool_test_rules
from harness.ruletests import LOADER
from variants import MATTERS, RETELLINGS, SCENARIOS, document, expanded, restarted, retold
from vllm_observability.doctor.histograms import blind
from vllm_observability.settings import Settings

ALERTS = {
    rule["alert"]
    for group in yaml.load((ROOT / "alerts/vllm-alerts.yaml").read_text(), LOADER)["groups"]
    for rule in group["rules"]
}
# What an alert reads says which retellings can't touch it.
ONLY_PROMETHEUS = {"VllmRecordingRulesMissing", "VllmScrapeSlow", "VllmScrapedTooSeldom", "VllmScrapesFailing"}
# Gauges, or counters of HTTP, which a retelling leaves as they are.
NO_COUNTER = {
    "VllmConfigDrift",
    "VllmHttpServerErrorsHigh",
    "VllmKvCacheUsageHigh",
    "VllmReplicasLost",
    "VllmRequestsWaiting",
    "VllmTargetDown",
}
SPARED = {
    "another prefix": ONLY_PROMETHEUS,
    "data parallel": {*ONLY_PROMETHEUS, "VllmAdmissionRejections"},  # a server refuses, before it chooses an engine
    "mixed pair": {"VllmRecordingRulesMissing"},
    "restart": {*ONLY_PROMETHEUS, *NO_COUNTER},
}
# Renamed between vLLM 0.6 and 0.33.
RENAMED = {"VllmInterTokenLatencyHigh", "VllmKvCacheUsageHigh", "VllmLoadImbalance"}
BY_NAME = {retelling.name: retelling for retelling in RETELLINGS}


def _fired(name: str) -> set[str]:
    return {one.alert for _, _, expected in retold(BY_NAME[name]) for one in expected if one.fired}


@pytest.mark.parametrize("name", SPARED)
def test_every_alert_is_told_again(name: str) -> None:
    """Each that this retelling can touch fires in at least one of its scenarios, and the others are named above."""
    assert ALERTS - _fired(name) == SPARED[name]


@pytest.mark.parametrize("name", ["native", "kept classic", "all native", "in both", "converted", "half converted"])
def test_every_alert_over_histograms_is_told_in_every_form(name: str) -> None:
    """Those that are blind where rules read another form than the one that is stored."""
    assert _fired(name) >= set(blind(Settings()))


def test_renamed_metrics_are_told_by_their_old_names() -> None:
    """By their newest names the scenarios are written."""
    assert _fired("old names") >= RENAMED


def test_every_alert_is_told_with_a_family_missing() -> None:
    """Where it reads more than one."""
    quiet = {one.alert for _, _, expected in retold(BY_NAME["one missing"]) for one in expected}

    assert len(quiet) >= 10


def test_exceptions_name_scenarios() -> None:
    """An exception whose scenario is gone leaves the list."""
    names = [test["name"] for path in SCENARIOS for test in yaml.load(path.read_text(), LOADER)["tests"]]

    assert [] == [words for _, words in MATTERS if not any(words in name for name in names)]


def test_notation_is_promtools() -> None:
    """One word a sample, ends included."""
    assert ["0", "2", "4", "_", "_", "stale", "7"] == expanded("0+2x2 _x2 stale 7")
    assert ["5", "5"] == expanded("5x1")


def test_a_restarted_counter_starts_from_zero() -> None:
    """What came before the restart is gone from the count; a counter with a restart of its own stays."""
    assert "0 2 4 2 4" == restarted("0+2x4", 3)
    assert "0+2x4 0+2x4" == restarted("0+2x4 0+2x4", 3)
    assert "0+2x4" == restarted("0+2x4", 9)


def test_a_retelling_with_a_fault_fails(tmp_path) -> None:  # type: ignore[no-untyped-def]
    """The check can fail: an alert that no longer fires is reported."""
    retelling = next(one for one in RETELLINGS if one.name == "mixed pair")
    stem, test, _ = next(told for told in retold(retelling) if told[0] == "cache")
    quiet = [{**row, "values": "0x60"} for row in test["input_series"]]
    path = document(tmp_path / f"{stem}.yaml", [{**test, "input_series": quiet}])

    assert "FAILED" in promtool_test_rules(path, prometheus_lines()[0])
