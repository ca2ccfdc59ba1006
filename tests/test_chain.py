"""From a simulated incident to a message: fleet, scrapes, rules, alert, Alertmanager, webhook; all of them real."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from harness.programs import ROOT, Line, backfill, prometheus_lines, record, rules_of, running_prometheus, write_rules
from harness.stack import alertmanager, fleet, prometheus, routing, scraping, webhook
from vllm_observability.build.artefacts import rule_files
from vllm_observability.rules.site import rules_for
from vllm_observability.settings import parse
from vllm_observability.simulate import show
from vllm_observability.simulate.fleet import Fleet
from vllm_observability.simulate.story import load

# The same rules with shorter times: a test can't wait for minutes.
FAST = parse(
    {
        "scrape_interval": "1s",
        "evaluation_interval": "1s",
        "rate_window": "20s",
        "holds": {"requests_waiting": {"warning": "4s", "critical": "4s"}},
    }
)


@pytest.mark.parametrize("line", prometheus_lines(), ids=str)
def test_an_overload_reaches_the_webhook(line: Line, tmp_path: Path) -> None:
    """The queue grows, the alert fires, the message says which model, how many wait, and where to read on."""
    rules = write_rules(rule_files(rules_for(FAST)), tmp_path)
    stage = show.scenario("overload", "4195s", speed=1.0)  # five seconds before it strikes
    with (
        fleet(stage) as address,
        webhook() as inbox,
        alertmanager(routing(inbox.url), tmp_path / "alertmanager") as manager,
    ):
        job = {"job_name": "vllm", "http_sd_configs": [{"url": f"http://{address}/sd", "refresh_interval": "1s"}]}
        config = scraping(job, manager, rules, "1s")
        with prometheus(config, tmp_path / "prometheus", line=line):
            begin = time.time()
            at, alert = inbox.wait(
                lambda a: a["labels"]["alertname"] == "VllmRequestsWaiting" and a["labels"]["severity"] == "warning", 90
            )
    assert "firing" == alert["status"]
    labels = alert["labels"]
    assert ("acme/chat", "vllm", "prod") == (labels["model_name"], labels["job"], labels["namespace"])
    assert alert["annotations"]["description"].startswith("acme/chat has ")
    assert alert["annotations"]["runbook_url"].endswith("/VllmRequestsWaiting")
    assert 4.0 < at - begin < 90


def _rules_of(names: Sequence[str], path: Path) -> set[str]:
    """Of the emitted rules those that some series are made by, written to a file; and all names that they read."""
    rules = [rule for rule in rules_of(ROOT / "alerts/vllm-recording-rules.yaml") if "record" in rule]
    wanted, known = set(names), set[str]()
    while wanted != known:
        known = set(wanted)
        wanted |= {word for rule in rules if rule["record"] in known for word in _NAME.findall(rule["expr"])}
    kept = [rule for rule in rules if rule["record"] in wanted]
    assert set(names) <= {rule["record"] for rule in kept}
    path.write_text(yaml.safe_dump({"groups": [{"name": "some", "interval": "30s", "rules": kept}]}))
    return wanted


_NAME = re.compile(r"[a-zA-Z_][\w:]+")


def test_an_upgrade_leaves_no_gap_and_loses_no_server(tmp_path: Path) -> None:
    """Four replicas go from 0.10.2 to 0.33.0: what is recorded of the model goes on, and is of all who serve."""
    story = load("rolling-upgrade")
    event = replace(story.events[0], at="12m")
    start, minutes = 1_800_000_000, 36
    made = Fleet(replace(story, lasts="40m", events=(event,)), start)
    names = (
        "model:vllm_generation_tokens:rate5m",
        "model:vllm_kv_cache_usage:max",
        "model:vllm_inter_token_latency_seconds:p95_rate5m",
        "model:vllm_prefix_cache_hits:rate5m",
    )
    read = _rules_of(names, tmp_path / "rules.yaml")
    lines: dict[str, list[str]] = {}
    for at in range(start, start + 60 * minutes + 1, 30):
        made.run(at)
        for series, value in made.scrape():
            if (name := series.partition("{")[0]) in read:
                lines.setdefault(name, []).append(f"{series} {value!r} {at}\n")
    data = tmp_path / "data"
    backfill("".join(text for group in lines.values() for text in group) + "# EOF\n", data)
    end = start + 60 * minutes
    record(data, tmp_path / "rules.yaml", start, end)
    with running_prometheus(data) as server:
        for name in names:
            values = next(iter(server.query_range(name, start + 360, end, 30).values()))
            assert [30.0] * (len(values) - 1) == [b[0] - a[0] for a, b in pairwise(values)], name
        name = "model:vllm_generation_tokens:rate5m"
        tokens = [value for _, value in next(iter(server.query_range(name, start + 360, end, 30).values()))]
    # Demand is the same throughout; a reading that lost the upgraded or the old ones would fall to half and below.
    assert min(tokens) > 0.65 * sum(tokens) / len(tokens)
