"""Each recipe, on a fleet as that platform shows it, does what the plain bundle does on a plain fleet."""

from __future__ import annotations

import functools
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from harness.history import Replica, history
from harness.programs import (
    ROOT,
    Server,
    backfill,
    fire,
    openmetrics_line,
    prometheus_lines,
    promtool_check_rules,
    record,
    running_prometheus,
)
from variants import NAMES
from vllm_observability.build.artefacts import rule_files
from vllm_observability.doctor import examine
from vllm_observability.model import Owner
from vllm_observability.pages.sources import Access
from vllm_observability.prometheus import Api
from vllm_observability.rules.site import rules_for
from vllm_observability.settings import Settings, load

RECIPES = ROOT / "deploy/recipes"
GUIDE = ROOT / "docs/recipes.md"
END = 1_800_000_000 + 1200
MINUTES, RECORDED = 30, 10
FLEET = (
    Replica("10.0.0.2:8000", "acme/code", incident="errors"),
    Replica("10.0.0.3:8000", "acme/gone", incident="down"),
)


@dataclass(frozen=True)
class Platform:
    """How a platform shows vLLM's pages: `prefix` before every name of vLLM's, under which job and further labels.

    `foreign`: whether HTTP and process metrics can be read. `aside`: other series, of targets that are no engines.
    """

    job: str
    prefix: str = "vllm:"
    labels: str = ""
    foreign: bool = True
    aside: tuple[tuple[str, dict[str, str]], ...] = ()


# As the sources say that each recipe cites, not as the recipe does.
PLATFORMS = {
    "aibrix": Platform("models/aibrix-vllm", labels='role="decode"'),
    "kserve": Platform("models/kserve-vllm", labels='inferenceservice="my-llm",pod="my-llm-predictor-0"'),
    "llm-d": Platform("llm-d/decode-podmonitor", labels='pod="ms-decode-0",container="vllm"'),
    "openshift-ai": Platform(
        "prod/kserve-llm-isvc-vllm-engine",
        "kserve_vllm:",
        'llm_isvc_name="chat",llm_isvc_role="both",llm_isvc_component="workload"',
        foreign=False,
        aside=(("up", {"job": "prod/kserve-llm-isvc-scheduler", "instance": "s", "namespace": "prod"}),),
    ),
    # The attributes of the scope are labels; job and instance come from the resource.
    "opentelemetry": Platform("vllm", "vllm_", 'otel_scope_name="prometheusreceiver",otel_scope_version="0.139.0"'),
    "production-stack": Platform(
        "vllm-chat-engine-service",
        labels='service="vllm-chat-engine-service",endpoint="service-port"',
        aside=(("up", {"job": "vllm-router-service", "instance": "r", "namespace": "prod"}),),
    ),
    "ray-serve": Platform(
        "prometheus-system/ray-workers-monitor",
        "ray_vllm_",
        'ray_io_cluster="ray",WorkerId="w",ReplicaId="r"',
        foreign=False,
        # The head is a target too, without an engine.
        aside=(("up", {"job": "prometheus-system/ray-head-monitor", "instance": "h", "namespace": "prod"}),),
    ),
}
EVERY = sorted(PLATFORMS)
# Switched off in a recipe; blind without HTTP; and where scrapes are rarer, ten seconds are not slow.
MAY_DIFFER = {"VllmOutputTruncationHigh", "VllmMetricsMissing", "VllmHttpServerErrorsHigh", "VllmScrapeSlow"}
OF_SERVERS = re.compile(r"HTTP|server process|memory|CPU|GC|file|Garbage|Uptime")
FOREIGN = re.compile(r":vllm_(\w*http|process|starting_again|python|api_server)\w*:")


def _relabelled(text: str, platform: Platform) -> str:
    lines = []
    for line in text.splitlines():
        name, brace, rest = line.partition("{")
        if brace and name in NAMES:
            if NAMES[name][0].owner is Owner.ENGINE:
                name = platform.prefix + name.removeprefix("vllm:")
            elif not platform.foreign:
                continue
        labels = f"{platform.labels}," if platform.labels and brace else ""
        lines.append(name + brace + labels + rest.replace('job="vllm"', f'job="{platform.job}"', 1))
    aside = [
        openmetrics_line(name, labels, 1, END - 30 * n) for name, labels in platform.aside for n in reversed(range(100))
    ]
    end = lines.pop()
    return "\n".join([*lines, *(line.rstrip("\n") for line in aside), end]) + "\n"


@dataclass(frozen=True)
class Seen:
    """What there is in the end: names of recorded series, firing (alert, severity), and empty panels."""

    recorded: frozenset[str]
    firing: frozenset[tuple[str, str]]
    empty: frozenset[str]
    problems: frozenset[str]


@functools.cache  # the plain one is asked for again
def _seen(recipe: str | None) -> Seen:
    settings = load(RECIPES / f"{recipe}.yaml") if recipe else Settings()
    plain = history(FLEET, END, MINUTES)
    line = prometheus_lines()[0]
    with tempfile.TemporaryDirectory() as scratch:
        files, data = _rules(settings, Path(scratch)), Path(scratch, "data")
        backfill(_relabelled(plain, PLATFORMS[recipe]) if recipe else plain, data, line)
        record(data, files[0], END - 60 * RECORDED, END, "60s", line=line)
        fire(data, files[1], END - 60 * RECORDED, END, line=line)
        with running_prometheus(data, line=line) as server:
            return _looked_at(server, settings)


def _rules(settings: Settings, folder: Path) -> tuple[Path, Path]:
    built = rule_files(rules_for(settings))
    files = folder / "recording.yaml", folder / "alerts.yaml"
    for path, name in zip(files, ("recording-rules", "alerts"), strict=True):
        path.write_text(built[f"alerts/vllm-{name}.yaml"])
    return files


def _looked_at(server: Server, settings: Settings) -> Seen:
    at = END - 60
    recorded = server.query('group by (__name__) ({__name__=~"(model|engine):vllm_.+"})', at)
    firing = server.query('group by (alertname, severity) (ALERTS{alertstate="firing"})', at)
    found = examine(Api(server.url, Access(), 64_000_000), settings, at)
    return Seen(
        frozenset(dict(labels)["__name__"] for labels in recorded),
        frozenset((dict(labels)["alertname"], dict(labels)["severity"]) for labels in firing),
        frozenset(state.of for state in (*found.panels, *found.fleet) if not state.ready),
        frozenset(problem.id for problem in found.problems if problem.severity == "problem"),
    )


def test_every_recipe_is_played() -> None:
    """A recipe more is a platform more."""
    assert EVERY == sorted(path.stem for path in RECIPES.glob("*.yaml"))


@pytest.mark.parametrize("recipe", EVERY)
def test_every_prometheus_takes_its_rules(recipe: str, tmp_path: Path) -> None:
    """The oldest and the newest."""
    for line in prometheus_lines():
        assert "" == promtool_check_rules(_rules(load(RECIPES / f"{recipe}.yaml"), tmp_path), line)


@pytest.mark.parametrize("recipe", EVERY)
def test_the_same_is_recorded_fires_and_is_shown(recipe: str) -> None:
    """But for HTTP and process metrics where a platform has none, and for what the recipe switches off."""
    plain, own = _seen(None), _seen(recipe)
    foreign = PLATFORMS[recipe].foreign
    blind = set() if foreign else {name for name in plain.recorded | own.recorded if FOREIGN.search(name)}
    emptied = own.empty - plain.empty

    assert len(plain.recorded) > 100
    assert {"VllmTargetDown", "VllmRequestErrorsHigh"} <= {alert for alert, _ in own.firing}
    assert plain.recorded - blind == own.recorded - blind
    assert set() == {pair for pair in plain.firing ^ own.firing if pair[0] not in MAY_DIFFER}
    assert "VllmMetricsMissing" not in {alert for alert, _ in own.firing}
    assert (set() if foreign else emptied) == {panel for panel in emptied if OF_SERVERS.search(panel)}
    assert foreign == (not emptied)
    assert own.problems <= plain.problems | {"no_engine_metrics"}


# --------------------------------------------------------------------------------------------- the guide


def _monitors() -> Iterator[dict[str, Any]]:
    for block in re.findall(r"```yaml\n(.*?)```", GUIDE.read_text(), re.S):
        yield yaml.safe_load(block)


def test_monitors_of_the_guide_are_those_that_recipes_count_on() -> None:
    """Their jobs are selected, they set the labels that tell deployments apart, and they scrape as often."""
    names = []
    for monitor in _monitors():
        job = f"{monitor['metadata']['namespace']}/{monitor['metadata']['name']}"
        (recipe,) = (name for name, platform in PLATFORMS.items() if platform.job == job)
        settings = load(RECIPES / f"{recipe}.yaml")
        (endpoint,) = monitor["spec"]["podMetricsEndpoints"]
        own = set(settings.scope_labels) - {"cluster", "namespace", "job"}
        assert own == {rule["targetLabel"] for rule in endpoint["relabelings"]}
        assert settings.scrape_interval == endpoint["interval"]
        names.append(recipe)

    assert ["kserve", "aibrix"] == names


def test_the_guide_names_every_recipe() -> None:
    """In its table, once."""
    assert EVERY == sorted(re.findall(r"^\|[^|]*\| \[([\w-]+)\.yaml\]", GUIDE.read_text(), re.M))


@pytest.mark.parametrize("recipe", EVERY)
def test_every_choice_has_its_reason(recipe: str) -> None:
    """A comment stands before each setting, and a source is cited."""
    text = (RECIPES / f"{recipe}.yaml").read_text()
    bare = re.findall(r"^(?!#).*\n(\w+):", text, re.M)

    assert [] == bare
    assert "# https://" in text or ". https://" in text
