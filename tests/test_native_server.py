"""A real Prometheus that converts histograms while it scrapes: what the doctor, the report and a side say of it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from click.testing import CliRunner

from harness.programs import prometheus_lines, write_rules
from harness.stack import fleet, prometheus
from vllm_observability.command.cli import main
from vllm_observability.doctor import histograms
from vllm_observability.doctor.records import Problem
from vllm_observability.intervals.asked import Ask, one_side
from vllm_observability.objectives.history import of_prometheus
from vllm_observability.pages.sources import Access
from vllm_observability.prometheus import Api, rows_at
from vllm_observability.render.rules_yaml import rules_yaml
from vllm_observability.rules.site import rules_for
from vllm_observability.settings import Settings, parse
from vllm_observability.simulate.show import Plain, plain

LINE = prometheus_lines()[-1]
ACCESS = Access(timeout=60)
CONVERTS = {"convert_classic_histograms_to_nhcb": True}
# What is scraped how: a job for each half of the fleet.
JOBS: dict[str, tuple[dict[str, bool], dict[str, bool]]] = {
    "classic": ({}, {}),
    "half": (CONVERTS, {}),
    "native": (CONVERTS, CONVERTS),
    "twice": ({**CONVERTS, "always_scrape_classic_histograms": True},) * 2,
}
STORED = {
    "classic": histograms.Stored(2, 0, 0),
    "half": histograms.Stored(1, 1, 0),
    "native": histograms.Stored(0, 2, 0),
    "twice": histograms.Stored(0, 0, 2),
}
# A review needs so many seconds of history: both Prometheuses get older while the other tests run.
REVIEWED, HISTORY = ("native", "half"), 68.0


@dataclass
class Stack:
    """A Prometheus over a simulated fleet, whose scrape jobs and rules can be changed while it runs."""

    url: str
    config: Path
    sd: str
    rules: dict[str, list[Path]]
    ageing: dict[str, tuple[float, str]] = field(default_factory=dict)
    """How it is scraped -> since when, and the URL of a Prometheus that has only this to do."""

    @property
    def api(self) -> Api:
        """Asked anew each time: what was learnt of a server is of one question."""
        return Api(self.url, ACCESS, 64_000_000)

    def use(self, jobs: str, rules: str) -> None:
        """Scrape so, with the rules of that build, and wait until the newest samples are of it."""
        self.config.write_text(yaml.safe_dump(configured(self.sd, jobs, [str(p) for p in self.rules[rules]])))
        httpx.post(f"{self.url}/-/reload", trust_env=False, timeout=60).raise_for_status()
        wait(lambda: self.stored == STORED[jobs])

    @property
    def stored(self) -> histograms.Stored:
        """How each server's newest samples are stored."""
        api = self.api
        return histograms.stored(rows_at(api, Settings(), [], api.now()), Settings())

    def problems(self) -> list[Problem]:
        """What the doctor says of histograms."""
        return [*histograms.problems(self.stored, Settings(), histograms.read_by_rules(self.api))]


def configured(sd: str, jobs: str, rules: list[str]) -> dict[str, Any]:
    """A configuration in which the first server is scraped by one job, the second by another, under one name."""
    scrape = [
        {
            "job_name": f"vllm-{half}",
            **how,
            "http_sd_configs": [{"url": sd, "refresh_interval": "1s"}],
            "relabel_configs": [
                {"source_labels": ["instance"], "regex": f".*-{half}:8000", "action": "keep"},
                {"target_label": "job", "replacement": "vllm"},
            ],
        }
        for half, how in enumerate(JOBS[jobs])
    ]
    return {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "scrape_configs": scrape,
        "rule_files": rules,
    }


def wait(holds: Callable[[], bool], seconds: float = 60) -> None:
    """Until it holds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.2)


@contextmanager
def serving(sd: str, folder: Path, jobs: str, rules: Sequence[Path]) -> Iterator[str]:
    """A Prometheus that scrapes so, with these rules; its URL."""
    arguments = ["--enable-feature=native-histograms", "--web.enable-lifecycle"]
    config = configured(sd, jobs, [str(path) for path in rules])
    with prometheus(config, folder, line=LINE, arguments=arguments) as url:
        yield url


def _rules(chosen: dict[str, str]) -> dict[str, str]:
    rules = rules_for(parse(chosen))
    return {
        "alerts/vllm-recording-rules.yaml": rules_yaml(rules.recording, ""),
        "alerts/vllm-alerts.yaml": rules_yaml(rules.alerting, ""),
    }


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("native")
    rules = {
        name: write_rules(_rules({"histograms": name, "rate_window": "1m"}), folder / name)
        for name in ("classic", "native", "both")
    }
    with fleet(plain(Plain(2, 1, 2.0, "8b-datacentre", "0.33.0"), 20.0)) as address, ExitStack() as servers:
        sd = f"http://{address}/sd"
        ageing = {
            jobs: (time.monotonic(), servers.enter_context(serving(sd, folder / jobs, jobs, rules["both"])))
            for jobs in REVIEWED
        }
        with serving(sd, folder / "p", "classic", []) as url:
            yield Stack(url, folder / "p/prometheus.yml", sd, rules, ageing)


def test_the_doctor_tells_four_states(stack: Stack) -> None:
    """Classic, half, native and twice, each with the rules that fit and with those that don't."""
    stack.use("classic", "native")
    [found] = stack.problems()
    assert found.what.startswith("this Prometheus has classic histograms of vLLM; the rules loaded read native ones")
    assert found.fix.startswith("histograms: classic in the settings")
    stack.use("classic", "classic")
    assert [] == stack.problems()

    stack.use("half", "classic")
    [found] = stack.problems()
    assert found.what.startswith(
        "1 of 2 servers have native histograms of vLLM, 1 have classic ones; the rules loaded read classic ones"
    )
    assert found.fix.startswith("histograms: both in the settings")
    for jobs, far, fix in (
        ("classic", "0 of 2 servers have native ones", "convert the others too"),
        ("half", "1 of 2 servers have native ones", "convert the others too"),
        ("native", "2 of 2 servers have native ones", "histograms: native in the settings"),
    ):
        stack.use(jobs, "both")
        [found] = stack.problems()
        assert ("histograms_converting", "hint") == (found.id, found.severity)
        assert found.what.endswith(far)
        assert found.fix.startswith(fix)

    stack.use("native", "classic")
    [found] = stack.problems()
    assert found.what.startswith("this Prometheus has native histograms of vLLM; the rules loaded read classic ones")
    for alert in ("VllmTimeToFirstTokenHigh", "VllmInterTokenLatencyHigh", "VllmTtftBudgetBurn", "VllmEngineOutlier"):
        assert alert in found.what
    assert "VllmKvCacheUsageHigh" not in found.what
    assert found.fix.startswith("histograms: native in the settings")
    stack.use("native", "native")
    assert [] == stack.problems()

    stack.use("twice", "classic")
    [found] = stack.problems()
    assert ("histograms_twice", "hint") == (found.id, found.severity)
    assert "2 servers twice" in found.what


def test_the_doctors_command_says_it(stack: Stack) -> None:
    """With the panels: those of classic boards have nothing to read."""
    stack.use("native", "classic")
    done = CliRunner().invoke(main, ["doctor", "--prometheus", stack.url])
    assert done.exit_code == 1
    assert "problem: this Prometheus has native histograms of vLLM; the rules loaded read classic ones" in done.stdout
    told = done.stdout.replace("\n", " ")
    assert "stored in another form than is read" in told
    found = json.loads(CliRunner().invoke(main, ["doctor", "--prometheus", stack.url, "--format", "json"]).stdout)
    blind = {each["of"] for each in found["alerts"] if not each["ready"]}
    assert {"VllmTimeToFirstTokenHigh", "VllmItlBudgetBurn", "VllmEngineOutlier"} <= blind
    idle = [each["of"] for each in found["panels"] if each["why"] == "no traffic in the last minutes"]
    assert not [place for place in idle if "TTFT" in place or "Inter-token" in place]
    assert "vllm:e2e_request_latency" not in done.stdout.partition("Series that nothing")[2].partition("Dearest")[0]


@pytest.mark.parametrize(("jobs", "rules"), [("native", "native"), ("native", "classic"), ("half", "both")])
@pytest.mark.parametrize("since", ["5m", "4s"])
def test_a_report_has_the_figures_of_a_page(stack: Stack, jobs: str, rules: str, since: str) -> None:
    """Percentiles and means too, whatever the settings say and the rules read."""
    stack.use(jobs, rules)
    done = CliRunner().invoke(main, ["analyze", "--prometheus", stack.url, "--since", since, "--format", "json"])
    assert done.exit_code == 0, done.output
    assert "native histograms" not in done.stderr
    figures = {figure["id"]: figure["value"] for figure in json.loads(done.stdout)["figures"]}
    assert {"ttft_mean_seconds", "ttft_p95_seconds", "itl_p99_seconds", "e2e_p50_seconds"} <= figures.keys()
    assert figures["ttft_p50_seconds"] <= figures["ttft_p95_seconds"]


def test_a_side_of_a_comparison_spans_a_conversion(stack: Stack) -> None:
    """Classic, then native: one engine, whose counts and buckets never fall."""
    stack.use("classic", "classic")
    begun = stack.api.now()
    stack.use("native", "native")
    time.sleep(3)
    side = one_side(stack.url, Ask((begun - 4, stack.api.now())), ACCESS, Settings(), None)
    assert len(side.engines) == 2
    for engine in side.engines:
        assert {"gaps", "first_tokens", "steps"} <= engine.intervals[-1].grown.keys()
        for interval in engine.intervals:
            for histogram, count in (("itl", "gaps"), ("ttft", "first_tokens")):
                if histogram in interval.buckets:
                    found = [n for _, n in sorted(interval.buckets[histogram].items())]
                    assert found == sorted(found)
                    assert found[-1] == pytest.approx(interval.grown[count])


@pytest.mark.parametrize("jobs", ["native", "half"])
def test_objectives_are_proposed_of_what_is_converted(stack: Stack, jobs: str) -> None:
    """Of first tokens and of gaps, whatever the settings say."""
    stack.use(jobs, "both")
    time.sleep(5)
    [history] = of_prometheus(stack.url, 900.0, "", ACCESS, Settings())
    assert {"ttft", "itl"} <= {kind for step in history.steps for kind in step}


@pytest.mark.parametrize("jobs", REVIEWED)
def test_a_review_has_latencies_whatever_is_converted(stack: Stack, jobs: str) -> None:
    """The first token and its parts at the newest point, without a word of what the settings are."""
    since, url = stack.ageing[jobs]
    time.sleep(max(0.0, since + HISTORY - time.monotonic()))
    assert Stack(url, stack.config, stack.sd, {}).stored == STORED[jobs]
    now = Api(url, ACCESS, 64_000_000).now()
    asked = ["review", "--prometheus", url, "--from", str(now - 60), "--to", str(now), "--format", "json"]
    done = CliRunner().invoke(main, asked)
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert "latency" not in {one["id"] for one in found["unseen"]}
    for course in found["courses"]:
        for name in ("queue", "prefill", "rest"):
            assert course[name][-1] is not None
            assert course[name][-1] >= 0
    assert found["felt"] == []  # nothing happened
