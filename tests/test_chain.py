"""From a simulated incident to a message: fleet, scrapes, rules, alert, Alertmanager, webhook; all of them real."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from stack import alertmanager, fleet, prometheus, routing, scraping, webhook
from toolbox import Line, prometheus_lines
from vllm_observability.build import artefacts
from vllm_observability.settings import parse
from vllm_observability.simulate import show

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
    rules = []
    for name, text in artefacts(FAST).items():
        if name.endswith(".yaml"):
            rules.append(tmp_path / Path(name).name)
            rules[-1].write_text(text)
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
