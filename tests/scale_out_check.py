"""Scale-out as deploy/scale-out says: each cluster's Prometheus has its own rules and sends to a central store.

A slower check, with the emitted configuration; addresses, paths and times are this machine's. Clusters a and b send to
VictoriaMetrics and to one Prometheus that takes remote writes: every query of the fleet boards must have the same
answer from both, series by series. A pair that watches cluster c must count once.
"""

from __future__ import annotations

import json
import math
import re
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml

from harness import boardlint
from harness.cost import asked
from harness.processes import free_port, process, prometheus_process
from harness.programs import prometheus_lines, tool, write_rules
from harness.stack import fleet
from vllm_observability.build.artefacts import artefacts
from vllm_observability.settings import parse
from vllm_observability.simulate import show

SETTINGS = parse({"scrape_interval": "2s", "evaluation_interval": "2s", "rate_window": "20s"})
SECONDS = 75  # of scraping
SETTLED = 6  # seconds after which everything sent is there
FLEET = show.Plain(engines=6, models=2, rate=2.0, hardware="8b-datacentre", version="0.33.0")
CLOSE = 1e-6
# VictoriaMetrics' rate() counts from the sample before the window and does not extrapolate, so over a window of
# ten samples it is up to a tenth off Prometheus'. Recorded rates are Prometheus' own in both stores.
OWN_RATE, CLOSE_RATE = re.compile(r"\b(rate|increase|delta|deriv)\("), 0.15
# The highest bucket in use: sums of rates differ in their last digit, by which it is the one above.
LARGEST = re.compile(r"histogram_quantile\(\s*(1|0\.99999),")

Answer = dict[tuple[tuple[str, str], ...], float]


def ask(url: str, query: str, at: float | None = None) -> Answer:
    """An instant vector, without metric names, which the stores keep differently."""
    form = {"query": query, "time": f"{at or time.time():.3f}"}
    body = httpx.post(f"{url}/api/v1/query", data=form, trust_env=False, timeout=60).json()
    assert body["status"] == "success", f"{url}: {body}\n{query}"
    if body["data"]["resultType"] == "scalar":
        return {(): float(body["data"]["result"][1])}
    return {
        tuple(sorted((key, value) for key, value in row["metric"].items() if key != "__name__")): float(row["value"][1])
        for row in body["data"]["result"]
    }


@dataclass(frozen=True)
class Lab:
    """Where everything runs and what ends with the block."""

    files: Mapping[str, str]
    home: Path
    stack: ExitStack

    def start(self, name: str, ready: str, *command: str | Path) -> str:
        """A server; `PORT` in its command becomes a free one. Its URL."""
        port = free_port()
        filled = [str(word).replace("PORT", str(port)) for word in command]
        self.stack.enter_context(process(filled, self.home / f"{name}.log", f"http://127.0.0.1:{port}{ready}"))
        return f"http://127.0.0.1:{port}"

    def prometheus(self, name: str, config: Path, *flags: str) -> str:
        """A Prometheus of the newest version here."""
        binary, data = prometheus_lines()[-1].prometheus, self.home / name / "data"
        url, _ = self.stack.enter_context(prometheus_process(binary, config, data, arguments=flags))
        return url

    def cluster(self, name: str, targets: Sequence[Mapping[str, Any]], to: Sequence[str]) -> str:
        """A cluster's Prometheus with the emitted configuration: its name, its targets, where it sends."""
        folder = self.home / name
        (folder / "targets").mkdir(parents=True)
        own = [{**target, "labels": {**target["labels"], "cluster": "local"}} for target in targets]  # as in Compose's
        (folder / "targets/targets.yaml").write_text(yaml.safe_dump(own))
        write_rules(self.files, folder / "rules")
        text = self.files["deploy/scale-out/prometheus-cluster.yml"]
        config = yaml.safe_load(text.replace("/etc/prometheus/", f"{folder}/").replace("CHANGE-ME", name[0]))
        (write,) = config["remote_write"]
        del config["alerting"]
        config["remote_write"] = [{**write, "url": url, "queue_config": {"batch_send_deadline": "1s"}} for url in to]
        (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
        return self.prometheus(name, folder / "prometheus.yml")


def compare(files: Mapping[str, str], central: str, single: str, at: float) -> list[str]:
    """What the central store answers otherwise than one Prometheus, over all fleet boards."""
    wrong, answered, total = [], 0, 0
    for path in sorted(path for path in files if path.startswith("dashboards/fleet/vllm-")):
        for panel, expr in boardlint.queries(json.loads(files[path])):
            words = {"$__rate_interval": SETTINGS.rate_window, "$__range": "1m"}
            query = asked(expr, words, {"cluster": "(a|b)"})
            one, other = ask(central, query, at), ask(single, query, at)
            close = math.inf if LARGEST.search(query) else CLOSE_RATE if OWN_RATE.search(query) else CLOSE
            total, answered = total + 1, answered + bool(one)
            if one.keys() != other.keys() or any(
                not math.isclose(value, other[key], rel_tol=close, abs_tol=1e-9) for key, value in one.items()
            ):
                only = [{*one.items()} - {*other.items()}, {*other.items()} - {*one.items()}]
                wrong.append(f"{path} / {panel['title']}: {only[0]} is not {only[1]}\n    {query}")
    sys.stdout.write(f"fleet boards: {total} queries, {answered} with data, {len(wrong)} answered differently\n")
    return wrong + ([f"only {answered} queries have data"] if answered < 100 else [])


def counts_once(central: str, watching: str, at: float) -> list[str]:
    """What both of the pair send is one series, with one sample an evaluation."""
    name = 'engine:vllm_requests_running:sum{cluster="c"}'
    there, here = ask(central, f"count({name})", at), ask(watching, "count(engine:vllm_requests_running:sum)")
    samples = ask(central, f"max(count_over_time({name}[20s]))", at)[()]
    sys.stdout.write(f"the pair: {there[()]:g} series of {here[()]:g}, {samples:g} samples in 20 s, one every 2 s\n")
    return [] if there == here and samples <= 11 else ["the pair counts twice"]


def share_sent(url: str) -> list[str]:
    """How much leaves a cluster, by Prometheus' own counters."""
    page = httpx.get(f"{url}/metrics", trust_env=False).text
    sent, taken = (
        max(float(row.rsplit(" ", 1)[1]) for row in page.splitlines() if re.match(rf"{name}[{{ ]", row))
        for name in ("prometheus_remote_storage_samples_total", "prometheus_tsdb_head_samples_appended_total")
    )
    raw, of_engines, of_models, engines, models = (
        ask(url, f"count({what})")[()]
        for what in (
            "{job='vllm',__name__!~'(engine|model):.+'}", "{__name__=~'engine:.+'}", "{__name__=~'model:.+'}",
            "engine:vllm_requests_running:sum", "model:vllm_requests_running:sum",
        )
    )  # fmt: skip
    sys.stdout.write(
        f"a cluster of {engines:g} engines and {models:g} models: {raw / engines:.0f} series scraped an engine, "
        f"recorded {of_engines / engines:.0f} an engine and {of_models / models:.0f} a model; "
        f"sent {sent:.0f} of {taken:.0f} samples, {sent / taken:.0%}\n"
    )
    return [] if 0 < sent < taken else ["nothing is kept back"]


def main() -> int:
    """Exit 0 where both stores agree and the pair counts once."""
    files, stage = artefacts(SETTINGS), show.plain(FLEET, 1.0)
    with tempfile.TemporaryDirectory(prefix="scale-out-") as scratch, ExitStack() as stack:
        lab = Lab(files, Path(scratch), stack)
        address = stack.enter_context(fleet(stage))
        central = lab.start(
            "vm", "/health", tool("victoria-metrics"), f"-storageDataPath={lab.home / 'vm'}",
            "-httpListenAddr=127.0.0.1:PORT", "-dedup.minScrapeInterval=2s", "-search.latencyOffset=0s",
            "-maxLabelsPerTimeseries=60",  # cache_config_info has more than the default of 30
        )  # fmt: skip
        (lab.home / "empty.yml").write_text("global: {}\n")
        single = lab.prometheus("single", lab.home / "empty.yml", "--web.enable-remote-write-receiver")
        to = [f"{url}/api/v1/write" for url in (central, single)]
        targets = stage.targets(address)
        first = lab.cluster("a", targets[0::3], to)
        lab.cluster("b", targets[1::3], to)
        watching = [lab.cluster(name, targets[2::3], to[:1]) for name in ("c1", "c2")]
        time.sleep(SECONDS)
        at = time.time() - SETTLED
        clusters = {dict(labels)["cluster"] for labels in ask(central, "count by (cluster) (up)", at)}
        failures = [] if clusters == {"a", "b", "c"} else [f"clusters {clusters}"]
        failures += compare(files, central, single, at)
        failures += counts_once(central, watching[0], time.time() - SETTLED)
        failures += share_sent(first)
    for words in failures[:10]:
        sys.stdout.write(f"  {words[:1200]}\n")
    sys.stdout.write(f"scale-out: {len(failures)} things are wrong\n")
    return int(bool(failures))


if __name__ == "__main__":
    sys.exit(main())
