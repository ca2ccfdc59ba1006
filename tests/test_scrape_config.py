"""The scrape job: what it drops is read by nobody, and what is left answers everything."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from typing import Any

import pytest
import yaml

from harness.programs import ROOT, tool
from recordings import PAGES, RECORDINGS
from vllm_observability.doctor.names import coverage, names_of_page
from vllm_observability.pages.evaluate import window
from vllm_observability.pages.scrape import Page, read_page
from vllm_observability.pages.snapshot import snapshot
from vllm_observability.pages.source import Source
from vllm_observability.queries.reads import names_read
from vllm_observability.render.deploy.scrape_yaml import dropped, relabelling, scrape_yaml
from vllm_observability.render.report.json import report_data
from vllm_observability.report import analyse
from vllm_observability.settings import Settings, parse

FILE = ROOT / "deploy/prometheus/vllm-scrape.yaml"
FOLDERS = [recording.folder for recording in RECORDINGS]


def _rules() -> list[re.Pattern[str]]:
    job = yaml.safe_load(FILE.read_text())["scrape_configs"][0]
    return [re.compile(rule["regex"]) for rule in job["metric_relabel_configs"] if rule["action"] == "drop"]


def _page(folder: str) -> Page:
    return read_page((PAGES / folder / "after.txt").read_bytes())


def _left(page: Page) -> Page:
    rules = _rules()
    kept = [sample for sample in page.samples if not any(rule.fullmatch(sample.name) for rule in rules)]
    return replace(page, samples=kept)


def test_prometheus_takes_it() -> None:
    """As it stands."""
    subprocess.run([tool("promtool"), "check", "config", FILE], check=True, capture_output=True)


def test_no_name_that_is_read_is_dropped() -> None:
    """Of all names of all versions."""
    rules = _rules()
    assert [] == [name for name in names_read(Settings()) if any(rule.fullmatch(name) for rule in rules)]


@pytest.mark.parametrize("folder", FOLDERS)
def test_boards_alerts_and_report_miss_nothing(folder: str) -> None:
    """The page of a real server before and after: every panel, every alert, every figure and finding."""
    page = _page(folder)
    before, after = snapshot(page), snapshot(_left(page))
    assert coverage(names_of_page(before), Settings()) == coverage(names_of_page(after), Settings())

    def judged(found: Any) -> Any:
        data = report_data(analyse(window(found), Source("file", "page"), Settings()))
        return data["figures"], data["findings"], data["summary"]

    assert judged(before) == judged(after)


@pytest.mark.parametrize("folder", ["vllm-0.10.2", "vllm-0.16.0", "vllm-0.32.0", "vllm-0.32.0-lora-kv-mfu"])
def test_a_third_of_the_series_is_spared(folder: str) -> None:
    """At least 30 % of a server with one API process, creation times included."""
    page = _page(folder)
    saved = 1 - len(_left(page).samples) / len(page.samples)
    assert 0.3 < saved < 0.6


def test_another_prefix_is_dropped_by_its_own_name() -> None:
    """Ray's names, and no vLLM ones."""
    site = parse({"metric_prefixes": ["ray_vllm_"], "scrape_interval": "30s"})
    text = scrape_yaml(site, relabelling(site))
    assert "ray_vllm_request_params_n(_bucket|_count|_sum)" in text
    assert "vllm:" not in text
    assert "scrape_interval: 30s" in text


def test_rules_are_few() -> None:
    """Prometheus tries each on every sample of every scrape."""
    assert len(dropped(Settings())) <= 12
