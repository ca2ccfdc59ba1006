"""Pages of real servers, replayed a minute apart through the emitted rules: what is well is silent."""

from __future__ import annotations

import functools
import itertools
import json
import math
from collections.abc import Sequence
from pathlib import Path

import pytest

from harness.programs import ROOT, promtool_test_rules
from recordings import PAGES
from vllm_observability.pages.scrape import read_page

SERVERS = sorted(path.name for path in PAGES.iterdir() if (path / "fresh.txt").exists() and "nostats" not in path.name)
FILES = [str(ROOT / "alerts" / name) for name in ("vllm-recording-rules.yaml", "vllm-alerts.yaml")]


def _series(pages: Sequence[Path]) -> list[dict[str, str]]:
    """Input series of a rule test: a value a minute, `_` where a page lacks the series, counters as they stand."""
    rows: dict[str, list[str]] = {"up": ["1"] * len(pages)}
    for minute, path in enumerate(pages):
        for key, value in _samples(path):
            row = rows.setdefault(key, ["_"] * minute)
            if len(row) == minute:  # of a series given twice, the first
                row.append(value)
        for row in rows.values():
            row.extend(["_"] * (minute + 1 - len(row)))
    return [{"series": _at_target(key), "values": _short(row)} for key, row in rows.items()]


def _short(row: Sequence[str]) -> str:
    """Values as a rule test writes them, runs of one value as one word: promtool reads a long row for as long."""
    runs = [(value, sum(1 for _ in run)) for value, run in itertools.groupby(row)]
    return " ".join(f"_x{n}" if value == "_" else f"{value}x{n - 1}" for value, n in runs)


@functools.cache
def _samples(path: Path) -> list[tuple[str, str]]:
    """(series, value) of a page, as a rule test writes them."""
    return [
        (
            f"{sample.name}{{{','.join(f'{key}={json.dumps(value)}' for key, value in sample.labels.items())}}}",
            repr(sample.value),
        )
        for sample in read_page(path.read_bytes()).samples
        if math.isfinite(sample.value)
    ]


def _at_target(key: str) -> str:
    name, brace, rest = key.partition("{")
    target = 'job="vllm",instance="a"'
    return f"{name}{{{target}{',' if brace and rest != '}' else ''}{rest if brace else '}'}"


def _firing(tmp_path: Path, pages: Sequence[Path], minute: int, expected: dict[str, str]) -> str:
    """Faults of the claim that exactly `expected` (alert -> severities) fires at a minute."""
    samples = [
        {"labels": f'{{alertname="{alert}",severity="{severity}"}}', "value": 1}
        for alert, severities in expected.items()
        for severity in severities.split()
    ]
    # Pages are a minute apart here, and the rules expect four in a minute.
    text = 'group by (alertname, severity) (ALERTS{alertstate="firing",alertname!="VllmScrapedTooSeldom"})'
    test = {
        "interval": "1m",
        "input_series": _series(pages),
        "promql_expr_test": [{"expr": text, "eval_time": f"{minute}m", "exp_samples": samples}],
    }
    path = tmp_path / "replay.yaml"
    path.write_text(json.dumps({"rule_files": FILES, "evaluation_interval": "1m", "tests": [test]}))  # YAML as well
    return promtool_test_rules(path)


@pytest.mark.parametrize("server", SERVERS)
def test_an_idle_server_is_silent(tmp_path: Path, server: str) -> None:
    """Every recorded version, 40 minutes before its first request: nothing fires."""
    assert "" == _firing(tmp_path, [PAGES / server / "fresh.txt"] * 40, 39, {})


@pytest.mark.parametrize("server", [name for name in SERVERS if "hung" not in name])
def test_a_server_after_its_load_is_silent(tmp_path: Path, server: str) -> None:
    """Forty quiet minutes after a burst: what the counters hold of it raises nothing any more."""
    assert "" == _firing(tmp_path, [PAGES / server / "after.txt"] * 40, 39, {})


def test_light_load_raises_nothing(tmp_path: Path) -> None:
    """Idle, then light load, for seven minutes: nothing fires at its end."""
    pages = [PAGES / f"vllm-0.32.0/series/{n:02}.txt" for n in range(7)]

    assert "" == _firing(tmp_path, pages, 6, {})


def test_a_hung_engine_is_said(tmp_path: Path) -> None:
    """The server that really hung, with 2 running and 32 waiting: the stall, and what its queue means."""
    pages = [PAGES / "vllm-0.9.2-hung/loaded.txt", *[PAGES / "vllm-0.9.2-hung/00.txt"] * 30]
    expected = {
        "VllmEngineStalled": "critical",
        "VllmRequestsWaiting": "warning",
        "VllmQueueDrainSlow": "critical warning",
    }

    assert "" == _firing(tmp_path, pages, 25, expected)


def test_a_server_without_statistics_is_noticed(tmp_path: Path) -> None:
    """With --disable-log-stats the engine is invisible: that is what is said, and no more."""
    pages = [PAGES / "vllm-0.32.0-nostats/after.txt"] * 30

    assert "" == _firing(tmp_path, pages, 25, {"VllmMetricsMissing": "warning"})


def test_a_lasting_overload_is_said(tmp_path: Path) -> None:
    """The queue of the recorded burst, standing for half an hour with nothing finishing."""
    pages = [PAGES / "vllm-0.32.0/loaded.txt"] * 30
    expected = {
        "VllmEngineStalled": "critical",
        "VllmRequestsWaiting": "critical warning",
        "VllmQueueDrainSlow": "critical warning",
    }

    assert "" == _firing(tmp_path, pages, 25, expected)
