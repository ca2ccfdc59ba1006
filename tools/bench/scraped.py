"""A fleet that is scraped while its rules run: what a Prometheus says of itself then.

Seconds of a query sent over HTTP hold its answer's way as well; those that a Prometheus gives for its own groups don't.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median

import httpx
import yaml
from prometheus_client.parser import text_string_to_metric_families

from harness.programs import ROOT, Line, Server
from harness.stack import fleet as serving
from harness.stack import prometheus
from vllm_observability.simulate.fleet import Fleet
from vllm_observability.simulate.serve import Stage

SCRAPE, EVALUATE = 15, 30  # seconds between two scrapes, and between two evaluations
WARM, CYCLES = 330, 4  # seconds until windows of five minutes are full; evaluations that are averaged
JOB = ROOT / "deploy/prometheus/vllm-scrape.yaml"


@dataclass(frozen=True)
class Group:
    """Mean seconds of one evaluation, every `interval` seconds, and its dearest rule."""

    name: str
    interval: float
    seconds: float
    dearest: str
    dearest_seconds: float


@dataclass(frozen=True)
class Live:
    """What was seen over CYCLES evaluations; CPU in cores, memory in bytes, scrape and page of one server."""

    engines: int
    version: str
    groups: tuple[Group, ...]
    scrape_seconds: float
    page_bytes: float
    series: float
    samples_per_second: float
    cores: float
    memory: float

    @property
    def seconds(self) -> float:
        """Of all groups, in EVALUATE seconds."""
        return self.seconds_at(EVALUATE)

    def seconds_at(self, interval: float) -> float:
        """The same if rules were evaluated once in `interval` seconds; a longer one of a group's own stays."""
        return sum(group.seconds * EVALUATE / max(group.interval, interval) for group in self.groups)


def live(fleet: Fleet, rules: Sequence[Path], folder: Path, line: Line) -> Live:
    """Scrape it as the bundle's job does and evaluate, until the windows are full and some cycles more."""
    stage = Stage(fleet)
    pages = [len(stage.page(number) or "") for number in range(min(20, len(fleet.replicas)))]
    with serving(stage) as address:
        (job,) = yaml.safe_load(JOB.read_text())["scrape_configs"]
        del job["static_configs"]
        job["http_sd_configs"] = [{"url": f"http://{address}/sd", "refresh_interval": "1h"}]
        config = {
            "global": {"scrape_interval": f"{SCRAPE}s", "evaluation_interval": f"{EVALUATE}s"},
            "rule_files": [str(path) for path in rules],
            "scrape_configs": [job],
        }
        with prometheus(config, folder, line=line) as url, httpx.Client(trust_env=False, timeout=60) as client:
            time.sleep(WARM)
            begin, before = time.monotonic(), _itself(client, url)
            groups = tuple(_groups(client, url))
            passed, after = time.monotonic() - begin, _itself(client, url)
            took = Server(url, client).query('scrape_duration_seconds{job="vllm"}', time.time())
            grown = {name: (after[name] - before[name]) / passed for name in after}
            return Live(
                engines=len(fleet.replicas),
                version=str(line),
                groups=groups,
                scrape_seconds=median(took.values()),
                page_bytes=mean(pages),
                series=after["prometheus_tsdb_head_series"],
                samples_per_second=grown["prometheus_tsdb_head_samples_appended_total"],
                cores=grown["process_cpu_seconds_total"],
                memory=after["process_resident_memory_bytes"],
            )


def _groups(client: httpx.Client, url: str) -> Iterator[Group]:
    """Seconds by the server's own clock, over CYCLES evaluations."""
    whole, rules = defaultdict[tuple[str, float], list[float]](list), defaultdict[tuple[str, str], list[float]](list)
    for _ in range(CYCLES):
        time.sleep(EVALUATE)
        for group in client.get(f"{url}/api/v1/rules").json()["data"]["groups"]:
            whole[group["name"], group["interval"]].append(group["evaluationTime"])
            for rule in group["rules"]:
                rules[group["name"], rule["name"]].append(rule["evaluationTime"])
    for (name, interval), seconds in whole.items():
        own = {rule: mean(took) for (group, rule), took in rules.items() if group == name}
        dearest = max(own, key=own.__getitem__)
        yield Group(name, interval, mean(seconds), dearest, own[dearest])


def _itself(client: httpx.Client, url: str) -> dict[str, float]:
    """What a Prometheus says of its own process and database, by name; kinds of samples are added up."""
    found = defaultdict[str, float](float)
    for family in text_string_to_metric_families(client.get(f"{url}/metrics").text):
        if family.name.startswith(("process_", "prometheus_tsdb_head_")):
            for sample in family.samples:
                found[sample.name] += sample.value
    return found
