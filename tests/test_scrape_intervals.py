"""Rules that were built for scrapes of 30 and 60 seconds catch what those of 15 seconds do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from harness.programs import prometheus_lines, promtool_test_rules
from vllm_observability.build.artefacts import artefacts
from vllm_observability.settings import parse

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
