"""Simulated pages against recorded ones, and against prometheus_client's own writer."""

from __future__ import annotations

import re
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import generate_latest

from recordings import MODEL, PAGES
from vllm_observability.catalog import metrics as m
from vllm_observability.pages.evaluate import window
from vllm_observability.pages.scrape import read_page
from vllm_observability.pages.snapshot import snapshot
from vllm_observability.pages.source import Source
from vllm_observability.report import analyse
from vllm_observability.settings import Settings
from vllm_observability.simulate.exposition import families
from vllm_observability.simulate.server import Server, Setup
from vllm_observability.simulate.traffic import Traffic

SERVERS: dict[str, dict[str, Any]] = {
    "vllm-0.8.5": {"version": "0.8.5", "generation": "V0", "processes": 2},
    "vllm-0.9.2": {"version": "0.9.2"},
    "vllm-0.10.2": {"version": "0.10.2"},
    "vllm-0.12.0": {"version": "0.12.0"},
    "vllm-0.16.0": {"version": "0.16.0"},
    "vllm-0.20.2": {"version": "0.20.2"},
    "vllm-0.32.0": {"version": "0.32.0"},
    "vllm-0.32.0-dp2": {"version": "0.32.0", "engines": 2},
    "vllm-0.32.0-api2": {"version": "0.32.0", "processes": 2},
    "vllm-0.32.0-nostats": {"version": "0.32.0", "stats": False},
    "vllm-0.32.0-spec-ngram": {"version": "0.32.0", "features": ("speculative",)},
    "vllm-0.32.0-lora-kv-mfu": {"version": "0.32.0", "features": ("--enable-lora", "--kv-cache-metrics")},
}
# Values that vLLM itself gives a label; the others are a site's.
ENUMERATED = {"le", "finished_reason", "reason", "source", "sleep_state", "engine", "generation"}


def _served(folder: str) -> Server:
    traffic = Traffic(rate=5, prompt=85, output=87, max_tokens=200, bad=0.1, aborts=0)
    server = Server(Setup(model=MODEL, hardware="cpu-tiny", traffic=traffic, **SERVERS[folder]), folder, 1.7955e9)
    server.run(server.now + 60)
    return server


def _shape(text: str) -> tuple[dict[str, str], dict[str, set[tuple[str, ...]]]]:
    """Types by family; by sample name the label names, with the values that vLLM gives."""
    types, rows = {}, dict[str, set[tuple[str, ...]]]()
    for line in text.splitlines():
        if line.startswith("# TYPE"):
            _, _, name, kind = line.split()
            types[name] = kind
        elif line and not line.startswith("#"):
            labels = re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', line)
            row = tuple(f"{key}={value}" if key in ENUMERATED else key for key, value in sorted(labels))
            rows.setdefault(re.split(r"[{ ]", line)[0], set()).add(row)
    return types, rows


@pytest.mark.parametrize("folder", SERVERS)
def test_families_types_and_labels_are_those_of_the_real_server(folder: str) -> None:
    """Per version and feature: nothing missing, nothing more, buckets and label values included."""
    types, rows = _shape(_served(folder).page().text())
    real_types, real_rows = _shape((PAGES / folder / "after.txt").read_text(encoding="utf-8"))
    assert real_types == types
    http = {name for name in rows if name.startswith("http_")}  # which handlers and answers there were is the load's
    assert {n: r for n, r in real_rows.items() if n not in http} == {n: r for n, r in rows.items() if n not in http}
    for name in http & set(real_rows):
        assert real_rows[name] == rows[name]


@pytest.mark.parametrize("version", m.EXAMINED)
def test_every_version_can_be_simulated_and_read(version: str) -> None:
    """The page is read without a fault, its counts are found, and its version is recognised."""
    server = Server(Setup(version=version, traffic=Traffic(rate=3.0)), version, 1.8e9)
    server.run(server.now + 120)
    page = read_page(server.page().text().encode())
    assert 0 == page.fault_count
    found = snapshot(page)
    assert () == found.unknown
    report = analyse(window(found), Source("file", version), Settings())
    finished = sum(figure.value for figure in report.figures if figure.id == "requests_finished")
    ledger = server.engines[0].ledger
    assert ledger.total(m.REQUEST_SUCCESS) == finished > 300
    low, high = report.engine.version_range
    key = [int(n) for n in version.split(".")]
    assert low is None or [int(n) for n in low.split(".")] <= key
    assert high is None or key <= [int(n) for n in high.split(".")]


@pytest.mark.parametrize("folder", SERVERS)
def test_the_text_is_what_prometheus_client_writes(folder: str) -> None:
    """The fast writer, byte for byte; only creation times, which are families of their own here, come otherwise."""
    server = _served(folder)

    class Collector:
        """The page's families."""

        def collect(self) -> Any:
            """As a registry asks for them."""
            return (f for f in families([b for b in server.blocks() if not b.name.endswith("_created")]))

    registry = CollectorRegistry()
    registry.register(Collector())  # type: ignore[arg-type]
    expected = generate_latest(registry).decode()
    ours = re.sub(r"# HELP \S+_created .*\n# TYPE \S+_created gauge\n(\S+_created\S* .*\n)+", "", server.page().text())
    assert expected == ours


def test_labels_are_escaped() -> None:
    """A model's name may hold anything."""
    server = Server(Setup(model='a"b\\c\nd'), "x", 1.8e9)
    server.run(server.now + 60)
    names = {
        s.labels["model_name"] for s in read_page(server.page().text().encode()).samples if "model_name" in s.labels
    }
    assert {'a"b\\c\nd'} == names


def test_a_page_is_laid_out_again_when_a_new_series_appears() -> None:
    """The first 4xx adds a line."""
    server = Server(Setup(traffic=Traffic(rate=2.0, bad=0.0)), "x", 1.8e9)
    server.run(server.now + 60)
    assert 'status="4xx"' not in server.page().text()
    server.change(Setup(traffic=Traffic(rate=2.0, bad=0.5)))
    server.run(server.now + 60)
    assert 'status="4xx"' in server.page().text()
