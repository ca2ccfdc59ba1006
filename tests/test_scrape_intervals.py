"""What was built for scrapes of 30 and 60 seconds catches and shows what that of 15 seconds does."""

from __future__ import annotations

import itertools
import json
import math
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml

from built import bundle
from harness import boardlint
from harness.cost import asked
from harness.programs import Server, Vector, prometheus_lines, promtool_test_rules, write_rules
from stepped import LATE, stepped_server
from vllm_observability.build.artefacts import artefacts
from vllm_observability.settings import parse
from vllm_observability.settings.durations import seconds

ENGINE = 'job="vllm",instance="a",model_name="m",engine="0"'
STALLED = {
    "num_requests_running": "2x20 2x100",
    "num_requests_waiting": "0x20 9x100",
    "generation_tokens_total": "0+900x20 18000x100",
}
INTERVALS = {"30s": "60m", "60s": "110m"}


def _test(interval: str, alert: str, series: dict[str, str], labels: str) -> dict[str, Any]:
    found = f'ALERTS{{alertname="{alert}",alertstate="firing",{labels}}}'
    return {
        "interval": interval,
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "promql_expr_test": [
            {
                "expr": f'ALERTS{{alertname="{alert}",alertstate="firing"}}',
                "eval_time": INTERVALS[interval],
                "exp_samples": [{"labels": found, "value": 1}] if labels else [],
            }
        ],
    }


@pytest.mark.parametrize("interval", INTERVALS)
def test_rules_as_built_for_an_interval_see_with_it(interval: str, tmp_path: Path) -> None:
    """Stalls, scrapes that take as long as they may or fail now and then; and nothing where all is well."""
    engine = {f"vllm:{name}{{{ENGINE}}}": values for name, values in STALLED.items()}
    working = {**engine, f"vllm:generation_tokens_total{{{ENGINE}}}": "0+900x120"}
    up, duration = 'up{job="vllm",instance="a"}', 'scrape_duration_seconds{job="vllm",instance="a"}'
    target = 'job="vllm",instance="a",severity="warning"'
    tests = [
        _test(interval, "VllmEngineStalled", engine, f'{ENGINE},severity="critical"'),
        _test(interval, "VllmEngineStalled", working, ""),
        _test(interval, "VllmScrapeSlow", {duration: "10x120"}, target),
        _test(interval, "VllmScrapeSlow", {duration: "4x120"}, ""),
        _test(interval, "VllmScrapesFailing", {up: " ".join(["0 1 1"] * 40)}, target),
        _test(interval, "VllmScrapesFailing", {up: "1x120"}, ""),
        _test(interval, "VllmScrapedTooSeldom", {up: "1x120"}, ""),
    ]
    bundle = artefacts(parse({"scrape_interval": interval}))
    files = [name for name in bundle if name.startswith("alerts/vllm-")]
    for name in files:
        (tmp_path / Path(name).name).write_text(bundle[name])
    document = {"rule_files": [Path(name).name for name in files], "evaluation_interval": "1m", "tests": tests}
    (tmp_path / "scenario.yaml").write_text(yaml.safe_dump(document))

    assert ["", ""] == [
        promtool_test_rules(tmp_path / "scenario.yaml", line)
        for line in (prometheus_lines()[0], prometheus_lines()[-1])
    ]


# ---------------------------------------------------------------------------------------------- boards

SCRAPED = (15, 30, 60)
# Ten minutes, in which the load is the same, and two days: what Grafana makes of them, at least one scrape.
ZOOMS = (15, 300)
# Just before the next scrape of each interval, and just after one.
MOMENTS = (LATE, LATE - 57)
CHOSEN: Mapping[str, dict[str, str]] = {
    "all": {},
    "one model": {"model_name": "acme/chat"},
    "one engine": {"instance": "chat-0:8000", "engine": "1"},
}
CLOSE = 0.05  # a gauge that moves is read up to a minute later
AGE = " Scraped"  # seconds since the last scrape


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[int, tuple[Server, dict[str, str]]]]:
    """Seconds between two scrapes -> a Prometheus that scraped the same fleet so, and what is built for it."""
    with ExitStack() as stack:
        found = {}
        for every in SCRAPED:
            folder, files = tmp_path_factory.mktemp(f"every-{every}"), bundle(parse({"scrape_interval": f"{every}s"}))
            rules = next(path for path in write_rules(files, folder / "rules") if "recording" in path.name)
            found[every] = stack.enter_context(stepped_server(folder / "data", rules, every)), files
        yield found


def _shown(
    site: tuple[Server, dict[str, str]], form: str, zoom: int, at: float, chosen: Mapping[str, str]
) -> Iterator[tuple[str, Vector]]:
    """(board, panel and query, what it shows), with the window that Grafana gives its rates."""
    server, files = site
    for path, text in files.items():
        if not re.fullmatch(rf"dashboards/{form}[\w-]+\.json", path):
            continue
        board = json.loads(text)
        offered = {variable["name"] for variable in boardlint.variables_of(board)}
        if not chosen.keys() <= offered:
            continue
        for panel in boardlint.panels(board):
            for number, target in enumerate(panel["targets"]):
                name = f"{path} {panel['title']} {number} {target['legendFormat']}"
                words = {"$__rate_interval": f"{_rate_interval(target, zoom):g}s", "$__range": "10m"}
                yield name, server.query(asked(target["expr"], words, chosen), at)


def _rate_interval(target: Mapping[str, str], zoom: int) -> float:
    """As Grafana works it out of the interval of a query, where the data source does not say more."""
    own = seconds(target["interval"]) or 0.0
    return max(max(zoom, own) + own, 4 * own)


@pytest.mark.parametrize("form", ["", "fleet/"], ids=["raw", "fleet"])
@pytest.mark.parametrize("choice", CHOSEN)
def test_a_panel_shows_of_rare_scrapes_what_it_shows_of_frequent_ones(
    sites: dict[int, tuple[Server, dict[str, str]]], form: str, choice: str
) -> None:
    """Zoomed in and out, between scrapes and just after one: the same rows, and numbers that are alike."""
    wrong, compared = [], 0
    for zoom, at in itertools.product(ZOOMS, MOMENTS):
        told = {every: dict(_shown(sites[every], form, zoom, at, CHOSEN[choice])) for every in SCRAPED}
        for (name, frequent), every in itertools.product(told[15].items(), SCRAPED[1:]):
            compared += bool(frequent)
            if not _alike(frequent, told[every][name], every if name.endswith(AGE) else 0):
                wrong.append((name, every, zoom, at, frequent, told[every][name]))

    assert [] == wrong
    assert compared > 400


def _alike(one: Vector, other: Vector, within: float) -> bool:
    return one.keys() == other.keys() and all(
        math.isclose(other[key], value, rel_tol=CLOSE, abs_tol=max(within, 1e-6)) for key, value in one.items()
    )
