"""`vllm-obs review` where histograms are converted: the same incident and the same hours as where they are not."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from harness.programs import Server, prometheus_lines, rules_of, write_rules
from harness.remote import Series, Stored, receiving, record, series_of, stored, write
from reviews import READ
from scorecard import scrapes
from vllm_observability.catalog import metrics as m
from vllm_observability.catalog.slo import BUDGETS
from vllm_observability.command.cli import main
from vllm_observability.model import Kind, metrics
from vllm_observability.render.rules_yaml import rules_yaml
from vllm_observability.rules.site import rules_for
from vllm_observability.settings import parse
from vllm_observability.simulate.fleet import Fleet
from vllm_observability.simulate.story import Event, Group, Story

HOUR = 3600
BEGIN = 488_889 * HOUR  # remote writes take nothing of the future
LASTS = 3 * HOUR
BROKEN = 2 * HOUR  # when one server of three becomes slow, and another one restarts twenty minutes later
STORY = Story(
    title="", story="", lasts="3h",
    fleet=(Group("acme/chat", 3, setup={"hardware": "4b-consumer", "loading": 45}, traffic={"rate": 0.6}),),
    events=(Event("2h", replicas=(1,), conditions={"speed": 0.25}), Event("140m", replicas=(2,), reach="down"),
            Event("145m", replicas=(2,), reach="up")),
)  # fmt: skip
BUCKETS = {m.TTFT, m.ITL, m.E2E, *(metric for budget in BUDGETS if budget.bad for metric in metrics(budget.bad.expr))}
NAMES = READ | {"up", "scrape_duration_seconds", "process_start_time_seconds"} | {
    name for metric in BUCKETS if metric.kind is Kind.HISTOGRAM for part in metric.parts for name in metric.series(part)
}  # fmt: skip
INCIDENT = ("--from", BROKEN - 1200, "--to", LASTS)
HOURS = ("--since", "3h", "--to", LASTS)


def _half(own: Mapping[str, str], at: float) -> Stored:
    assert at
    return "native" if own["instance"] == "chat-1:8000" else "classic"


def _converted(own: Mapping[str, str], at: float) -> Stored:
    assert own
    return "native" if at >= BEGIN + BROKEN + 600 else "classic"  # while the incident lasts


HOW = {
    "classic": lambda *_: "classic", "native": lambda *_: "native", "both": lambda *_: "both", "half": _half,
    "converted": _converted,
}  # fmt: skip
RULES = {"classic": "classic", "native": "native", "both": "native", "half": "both", "converted": "both"}


@pytest.fixture(scope="module")
def shown() -> Series:
    """What the fleet shows, in classic histograms."""
    lines = (f"{series} {value!r} {at}" for at, found in scrapes(Fleet(STORY, BEGIN), LASTS, NAMES, BEGIN)
             for series, value in found)  # fmt: skip
    return series_of(lines)


@pytest.fixture(scope="module")
def told(shown: Series, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Mapping[str, dict[str, Any]]]:
    """The incident, and the hours over raw and over recorded series, by how histograms are stored."""
    return {way: dict(_told(shown, way, tmp_path_factory.mktemp(way))) for way in HOW}


def _told(shown: Series, way: str, folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    with receiving(folder / "data", prometheus_lines()[-1], "1d") as server:
        write(server.url, stored(shown, HOW[way]))  # type: ignore[arg-type]
        yield "incident", _review(server, *INCIDENT)
        yield "raw", _review(server, *HOURS)
        record(server, _rules(RULES[way], folder), BEGIN, BEGIN + LASTS)
        yield "recorded", _review(server, *HOURS)


def _rules(form: str, folder: Path) -> list[dict[str, Any]]:
    """Recording rules of what there is; the others would only take time."""
    text = rules_yaml(rules_for(parse({"histograms": form})).recording, "")
    rules = rules_of(*write_rules({"alerts/vllm-recording-rules.yaml": text}, folder / "rules"))
    found = {name.removeprefix("vllm:").rpartition("_")[0] for name in NAMES}
    return [
        rule for rule in rules
        if ":threshold" not in rule["record"] and ("engine:" in rule["expr"] or any(n in rule["expr"] for n in found))
    ]  # fmt: skip


def _review(server: Server, *arguments: str | int) -> dict[str, Any]:
    """Without settings: how histograms are stored is found out."""
    asked = [str(each + BEGIN) if isinstance(each, int) else each for each in arguments]
    done = CliRunner().invoke(main, ["review", "--prometheus", server.url, *asked, "--format", "json"])
    assert 0 == done.exit_code, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


WAYS = [way for way in HOW if way != "classic"]


@pytest.mark.parametrize("way", WAYS)
def test_an_incident_is_the_same(told: Mapping[str, Mapping[str, dict[str, Any]]], way: str) -> None:
    """First sign, all others, whose, what users felt, and the course of the first token."""
    found, classic = told[way]["incident"], told["classic"]["incident"]
    assert ("tokens_slower", ["chat-1:8000"]) == (
        classic["first"]["kind"], [who["instance"] for who in classic["engines"]],
    )  # fmt: skip
    assert classic["felt"][0]["late"] > 100
    for name in ("first", "together", "signs", "engines", "began", "ended", "unseen", "line"):
        assert found[name] == classic[name], name
    for one, other in zip(found["felt"], classic["felt"], strict=True):
        for name in ("requests", "late", "late_share", "late_share_before", "failed"):
            assert one[name] == pytest.approx(other[name], rel=0.03), name
    for one, other in zip(found["courses"], classic["courses"], strict=True):
        for name in ("load", "queue", "prefill", "rest"):
            assert _numbers(one[name]) == pytest.approx(_numbers(other[name]), nan_ok=True, rel=0.01), name


def _numbers(line: list[float | None]) -> list[float]:
    return [math.nan if value is None else value for value in line]


@pytest.mark.parametrize("read", ["raw", "recorded"])
@pytest.mark.parametrize("way", WAYS)
def test_hours_are_the_same(told: Mapping[str, Mapping[str, dict[str, Any]]], way: str, read: str) -> None:
    """Counts, shares, percentiles and budgets; an hour in which servers are converted has a little less of them."""
    found, classic = told[way][read], told["classic"][read]
    assert float(read == "recorded") == found["recorded_share"] == classic["recorded_share"]
    assert found["unseen"] == classic["unseen"]
    near = 0.1 if way == "converted" else 0.01
    (one,), (other,) = found["models"], classic["models"]
    for name in ("requests", "prompt_tokens", "output_tokens", "engine_hours"):
        assert one[name] == pytest.approx(other[name], rel=0.001), name
    assert one["shares"] == pytest.approx(other["shares"], abs=0.01)
    assert ["ttft", "itl", "e2e"] == [each["of"] for each in one["latencies"]]
    for mine, theirs in zip(one["latencies"], other["latencies"], strict=True):
        assert mine["count"] == pytest.approx(theirs["count"], rel=near)
        for name in ("p50", "p95", "p99"):
            assert mine[name]["value"] == pytest.approx(theirs[name]["value"], rel=max(0.02, near)), name
    for mine, theirs in zip(one["objectives"], other["objectives"], strict=True):
        assert mine["share"] == pytest.approx(theirs["share"], abs=near / 2), mine["of"]
