"""`vllm-obs review` at odd sites: equal names in two clusters, no traffic, hostile names, VictoriaMetrics."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from harness.programs import backfill, prometheus_lines, running_prometheus
from scorecard import lookback, scrapes
from test_review_native import BEGIN, NAMES
from test_stores import in_milliseconds, victoria_metrics
from vllm_observability.command.cli import main
from vllm_observability.simulate.fleet import Fleet
from vllm_observability.simulate.story import Event, Group, Story

HOUR = 3600
LASTS = 2 * HOUR
BROKEN = 80 * 60
HOSTILE = 'm\x1b[31m<script>alert(1)</script>|`a"\\b'
_SETUP = {"hardware": "8b-datacentre", "loading": 45}
_DOWN = (Event("80m", restart=True),)


def _story(replicas: int, rate: float, *events: Event) -> Story:
    group = Group("acme/chat", replicas, setup=_SETUP, traffic={"rate": rate})
    return Story(title="", story="", lasts="2h", fleet=(group,), events=events)


# By cluster: two with the same names, of which one has an incident; engines that nobody asks; one engine that restarts.
CLUSTERS = {
    "east": _story(3, 1.0),
    "west": _story(3, 1.0, Event("80m", replicas=(1,), conditions={"speed": 0.25})),
    "quiet": _story(2, 0.0),
    "solo": _story(1, 1.0, *_DOWN),
    "hostile": _story(2, 0.5, Event("80m", replicas=(1,), conditions={"speed": 0.25})),
}


def _samples(cluster: str, story: Story) -> Iterator[tuple[str, str]]:
    """Names and lines, with the cluster and, where it is hostile, with another model."""
    model = json.dumps(HOSTILE, ensure_ascii=False).replace("\\u001b", "\x1b")[1:-1]
    for at, found in scrapes(Fleet(story, BEGIN), LASTS, NAMES | {"vllm:cache_config_info"}, BEGIN):
        for series, value in found:
            own = series.replace('cluster="sim"', f'cluster="{cluster}"')
            if cluster == "hostile":
                own = own.replace("acme/chat", model)
            yield series.partition("{")[0], f"{own} {value!r} {at}\n"


@pytest.fixture(scope="module")
def text() -> str:
    """All clusters, as OpenMetrics."""
    lines = defaultdict(list)
    for cluster, story in CLUSTERS.items():
        for name, line in _samples(cluster, story):
            lines[name].append(line)
    return "".join(line for group in lines.values() for line in group) + "# EOF\n"


@pytest.fixture(scope="module")
def url(text: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Prometheus with all of it."""
    folder = tmp_path_factory.mktemp("sites")
    backfill(text, folder)
    with running_prometheus(folder, line=prometheus_lines()[-1], arguments=lookback(CLUSTERS["east"])) as server:
        yield server.url


INCIDENT = ("--from", str(BEGIN + BROKEN - 900), "--to", str(BEGIN + LASTS))
HOURS = ("--since", "2h", "--to", str(BEGIN + LASTS))


def _told(url: str, *arguments: str) -> str:
    done = CliRunner().invoke(main, ["review", "--prometheus", url, *arguments])
    assert 0 == done.exit_code, done.output
    return done.stdout


def _json(url: str, *arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_told(url, *arguments, "--format", "json"))
    return found


def _of(cluster: str) -> tuple[str, str]:
    return "--selector", f'cluster=~"{cluster}"'


def test_names_that_two_clusters_share_are_told_apart(url: str) -> None:
    """The slow engine is that of the west; whoever reads the text knows which."""
    asked = (*INCIDENT, *_of("east|west"))
    found = _json(url, *asked)
    assert [("chat-1:8000", "west")] == [(who["instance"], who["scope"][0]) for who in found["engines"]]
    assert "east" not in {who["scope"][0] for sign in found["signs"] for who in sign["engines"]}
    for form in ("text", "markdown", "html"):
        first = next(line for line in _told(url, *asked, "--format", form).splitlines() if "First sign" in line)
        assert "west" in first, form
    assert _json(url, *INCIDENT, *_of("east"))["first"] is None


def test_a_fleet_that_nobody_asks(url: str) -> None:
    """No sign; hours that are idle, without a latency, a cost by token or a budget."""
    found = _json(url, *INCIDENT, *_of("quiet"))
    assert (None, None, []) == (found["first"], found["began"], found["signs"])
    week = _json(url, *HOURS, *_of("quiet"))["whole"]
    assert (0, 0, 1) == (week["requests"], week["output_tokens"], week["shares"]["idle"])
    (model,) = _json(url, *HOURS, *_of("quiet"))["models"]
    assert ([], []) == (model["latencies"], model["objectives"])
    text = _told(url, *HOURS, *_of("quiet"))
    assert "nan" not in text.lower().replace("tenant", "")
    assert "Every objective was kept" not in text


def test_one_engine_that_restarts(url: str) -> None:
    """It is named, though it is all of its model."""
    found = _json(url, *INCIDENT, *_of("solo"))
    assert found["first"]["kind"] in ("restarted", "target_down")
    assert ["chat-0:8000"] == [who["instance"] for who in found["engines"]]


@pytest.mark.parametrize("asked", [INCIDENT, HOURS], ids=["incident", "hours"])
def test_hostile_names_act_nowhere(url: str, asked: tuple[str, ...]) -> None:
    """No escape sequence, no element, no broken row."""
    for form in ("text", "markdown", "html", "json"):
        told = _told(url, *asked, *_of("hostile"), "--format", form)
        assert "\x1b" not in told
        if form != "json":
            assert "alert(1)" in told
        assert "<script" not in told or form in ("text", "json")  # neither is a page


def test_victoria_metrics_tells_the_same(url: str, text: str, tmp_path: Path) -> None:
    """The incident to the second, hours to a percent."""
    with victoria_metrics(tmp_path / "vm", in_milliseconds(text)) as victoria:
        mine, theirs = (_json(each, *INCIDENT, *_of("west")) for each in (url, victoria))
        assert mine["first"]["kind"] == theirs["first"]["kind"] == "tokens_slower"
        assert mine["engines"] == theirs["engines"]
        assert mine["first"]["at"] == pytest.approx(theirs["first"]["at"], abs=31)
        mine, theirs = (_json(each, *HOURS, *_of("west"))["whole"] for each in (url, victoria))
        for name in ("requests", "prompt_tokens", "output_tokens", "engine_hours"):
            assert mine[name] == pytest.approx(theirs[name], rel=0.02), name
        assert mine["shares"]["busy"] == pytest.approx(theirs["shares"]["busy"], abs=0.02)
