"""`vllm-obs review` over a real Prometheus: half a day of a simulated fleet with an incident and a hole in it."""

from __future__ import annotations

import json
import math
import random
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator

from harness.programs import (
    ROOT,
    RULE_FILES,
    Server,
    backfill,
    openmetrics_line,
    prometheus_lines,
    record,
    rules_of,
    running_prometheus,
)
from reviews import READ
from scorecard import EPOCH, STEP, keep_scrapes, lookback
from vllm_observability.command.cli import main
from vllm_observability.pages.sources import Access
from vllm_observability.prometheus import Api
from vllm_observability.prometheus.answers import Answer, Row
from vllm_observability.review.asked_incident import read_incident, span_of_alert
from vllm_observability.review.asking import Inquiry
from vllm_observability.review.incident import incident
from vllm_observability.settings import Settings
from vllm_observability.simulate.fleet import Fleet
from vllm_observability.simulate.story import Event, Group, Story

SCHEMA = json.loads((ROOT / "docs/review.schema.json").read_text())
HOUR = 3600
LASTS = 5 * HOUR
BROKEN = 4 * HOUR  # when one server of three comes back with another configuration, at a third of its speed
STORY = Story(
    title="", story="", lasts="5h",
    fleet=(Group("acme/secret", 3, setup={"hardware": "8b-datacentre", "loading": 45}, traffic={"rate": 0.5}),),
    events=(
        Event("70m", reach="down"),
        Event("100m", reach="up"),
        Event("4h", replicas=(1,), setup={"config": {"cache_dtype": "fp8"}}, conditions={"speed": 0.3}),
    ),
)  # fmt: skip
ALERT = {"alertname": "VllmEngineOutlier", "alertstate": "firing", "severity": "warning", "model_name": "acme/secret",
         "instance": "secret-1:8000", "job": "vllm", "namespace": "prod", "cluster": "sim"}  # fmt: skip
NAMES = READ | {"up", "scrape_duration_seconds", "process_start_time_seconds", "vllm:cache_config_info",
                "vllm:time_to_first_token_seconds_bucket", "vllm:inter_token_latency_seconds_bucket"}  # fmt: skip


@pytest.fixture(scope="module")
def databases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One with raw series and an alert, and one that has recorded ones too."""
    folder = tmp_path_factory.mktemp("review")
    raw, recorded = folder / "raw", folder / "recorded"
    keep_scrapes(Fleet(STORY, EPOCH), LASTS, raw, NAMES)
    fired = (openmetrics_line("ALERTS", ALERT, 1, EPOCH + BROKEN + 1080 + n * STEP) for n in range(20))
    backfill("".join(fired) + "# EOF\n", raw)
    shutil.copytree(raw, recorded)
    record(recorded, _rules(folder), EPOCH, EPOCH + LASTS, f"{STEP}s", prometheus_lines()[-1], lookback(STORY))
    return {"raw": raw, "recorded": recorded}


def _rules(folder: Path) -> Path:
    """The recording rules that find something in these databases; the others would only take time."""
    rules = [rule for rule in rules_of(RULE_FILES[0]) if ":threshold" not in rule["record"]]
    found = {name.removeprefix("vllm:") for name in NAMES}
    rules = [rule for rule in rules if "engine:" in rule["expr"] or any(name in rule["expr"] for name in found)]
    path = folder / "rules.yaml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "some", "rules": rules}]}))
    return path


def _serve(path: Path) -> Iterator[Server]:
    with running_prometheus(path, line=prometheus_lines()[-1], arguments=lookback(STORY)) as server:
        yield server


@pytest.fixture(scope="module")
def raw(databases: dict[str, Path]) -> Iterator[Server]:
    """Raw series alone."""
    yield from _serve(databases["raw"])


@pytest.fixture(scope="module")
def recorded(databases: dict[str, Path]) -> Iterator[Server]:
    """With recorded series."""
    yield from _serve(databases["recorded"])


def _run(server: Server, *arguments: object) -> Result:
    return CliRunner().invoke(main, ["review", "--prometheus", server.url, *(str(a) for a in arguments)])


WEEK = ("--since", "5h", "--to", EPOCH + LASTS)
INCIDENT = ("--from", EPOCH + BROKEN - 900, "--to", EPOCH + LASTS)


def _json(server: Server, *arguments: object) -> dict:  # type: ignore[type-arg]
    done = _run(server, *arguments, "--format", "json")
    assert 0 == done.exit_code, done.output
    found = json.loads(done.stdout)
    Draft202012Validator(SCHEMA).validate(found)
    assert isinstance(found, dict)
    return found


def test_recorded_series_tell_what_raw_ones_tell(raw: Server, recorded: Server) -> None:
    """The same week twice: counts within two percent, shares within a point; each says from where it is."""
    Draft202012Validator.check_schema(SCHEMA)
    whole = ("--since", "3h", "--to", EPOCH + LASTS)  # rates know nothing of what was not scraped, counters do
    one, other = _json(raw, *whole), _json(recorded, *whole)
    assert (0.0, 1.0) == (one["recorded_share"], other["recorded_share"])
    for name in ("requests", "prompt_tokens", "output_tokens", "engine_hours"):
        assert one["whole"][name] == pytest.approx(other["whole"][name], rel=0.03), name
    for name in ("busy", "aborted", "lost"):
        assert one["whole"]["shares"][name] == pytest.approx(other["whole"]["shares"][name], abs=0.01), name
    assert one["whole"]["requests"] == pytest.approx(3 * 0.5 * 3 * HOUR, rel=0.05)
    ttft, again = (next(x for x in w["models"][0]["latencies"] if x["of"] == "ttft") for w in (one, other))
    assert ttft["p95"]["value"] == pytest.approx(again["p95"]["value"], rel=0.05)


def test_a_week_says_what_it_could_not_see(raw: Server, recorded: Server) -> None:
    """Half an hour without a target, rules that were not loaded, a longer span than there are data."""
    found = {one["id"]: one for one in _json(raw, *WEEK)["unseen"]}
    assert {"gap", "rules", "before"} <= found.keys()
    assert EPOCH + HOUR == found["gap"]["since"]
    longer = {one["id"]: one for one in _json(recorded, "--since", "9h", "--to", EPOCH + LASTS)["unseen"]}
    assert EPOCH == longer["retention"]["until"]
    assert "rules" not in longer
    done = _run(raw, *WEEK)
    assert "1 of 1 days have no recorded series: raw ones are read" in done.stderr


def test_the_first_sign_is_what_was_done_to_the_engine(raw: Server) -> None:
    """By span and by its alert: the configuration, then what follows; only the engine that it was done to."""
    for asked in (INCIDENT, ("--from", EPOCH + BROKEN - 3600, "--to", EPOCH + LASTS)):
        found = _json(raw, *asked)
        assert "config_changed" == found["first"]["kind"]
        assert "cache_dtype auto → fp8" == found["first"]["detail"]
        assert ["secret-1:8000"] == [who["instance"] for who in found["engines"]]
        assert abs(found["first"]["at"] - EPOCH - BROKEN) <= 120
        assert "tokens_slower" in {sign["kind"] for sign in found["signs"]}
        assert ["VllmEngineOutlier"] == [book["alert"] for book in found["runbooks"]]


def test_an_alert_leads_to_what_came_before_it(raw: Server) -> None:
    """Its last firing, to half a minute; the span begins early enough to hold the change."""
    inquiry = Inquiry(Api(raw.url, Access(), 64_000_000), Settings())
    fired = inquiry.last_firing("VllmEngineOutlier", EPOCH + LASTS)
    assert BROKEN + 1080 == fired.since - EPOCH
    assert 0 <= fired.until - EPOCH - BROKEN - 1650 <= 30  # a sample counts for a while after its time
    told = incident(read_incident(inquiry, *span_of_alert(fired, EPOCH + LASTS), fired.alert), inquiry.settings)
    assert told.first is not None
    assert ("config_changed", "VllmEngineOutlier") == (told.first.kind, told.runbooks[0][0])


def test_every_form_and_both_languages(raw: Server) -> None:
    """Text, Markdown and HTML of both stories; pictures stand in HTML alone."""
    for asked, english, portuguese in (
        (WEEK, "Where the engine-hours went", "Para onde foram as horas de engine"),
        (INCIDENT, "Order of events", "Ordem dos acontecimentos"),
    ):
        assert english in _run(raw, *asked).stdout
        assert portuguese in _run(raw, *asked, "--lang", "pt-BR").stdout
        assert f"## {english}" in _run(raw, *asked, "--format", "markdown").stdout
        page = _run(raw, *asked, "--format", "html").stdout
        assert page.count("<svg") == 2
        assert "://" not in page.replace(raw.url, "").replace("https://vllm-observability.example", "")


def test_redacted_reviews_name_nobody(raw: Server) -> None:
    """Neither model, nor instance, nor server; the same word stands for the same name."""
    for asked in (WEEK, INCIDENT):
        for form in ("text", "json", "html"):
            done = _run(raw, *asked, "--redact", "--format", form)
            assert 0 == done.exit_code, done.output
            for name in ("secret", "127.0.0.1", "prod", "sim"):
                assert name not in done.stdout, (form, name)
            assert "model-1" in done.stdout


def test_prices_and_selectors(raw: Server, tmp_path: Path) -> None:
    """What a site pays; engines that no selector fits."""
    site = tmp_path / "site.yaml"
    site.write_text("price_per_engine_hour: 2\nmodels: [{match: acme/.*, price_per_engine_hour: 4}]\n")
    whole = _json(raw, *WEEK, "--settings", site)["whole"]
    assert whole["cost"]["spend"] == pytest.approx(4 * whole["engine_hours"])
    assert "What it cost" in _run(raw, *WEEK, "--settings", site).stdout
    one = _json(raw, *WEEK, "--selector", 'instance="secret-0:8000"')["whole"]
    assert one["engine_hours"] == pytest.approx(whole["engine_hours"] / 3, rel=0.01)
    assert 2 == _run(raw, *WEEK, "--selector", 'job="none"').exit_code


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--since", "1d", "--from", "2027-01-16T00:00Z"), "--from and --to choose an incident"),
        (("--alert", "VllmTargetDown", "--since", "1d"), "--alert finds its own time"),
        (("--from", "yesterday"), "is not a time"),
        (("--from", EPOCH, "--to", EPOCH - 60), "an incident ends after it begins"),
        (("--from", EPOCH, "--to", EPOCH), "an incident ends after it begins"),
        (("--from", EPOCH), "without --to it is now"),
        (("--from", EPOCH - 80 * HOUR, "--to", EPOCH), "an incident lasts three days at most"),
        (("--to", "nan"), "'nan' is not a time"),
        (("--from", "-5"), "'-5' is not a time"),
        (("--from", "1e300"), "'1e300' is not a time"),
        (("--to", "0001-01-01T00:00+23:00"), "is not a time"),
        (("--since", "5y"), "92 days at most"),
        (("--alert", ""), "there is no alert"),
        (("--to", EPOCH + 90 * 24 * HOUR), "it holds no engine of vLLM in this time"),
        (("--selector", "{"), "are no matchers"),
        (("--from", EPOCH - 9 * HOUR, "--to", EPOCH - 8 * HOUR), "it holds no engine of vLLM in this time"),
        (("--alert", "VllmNothing"), "there is no alert VllmNothing"),
        (("--alert", "VllmTargetDown"), "VllmTargetDown fired nowhere in the last 30 days"),
        (("--since", "10m"), "a review of a week takes an hour at least"),
    ],
    ids=lambda value: " ".join(map(str, value))[:40] if isinstance(value, tuple) else "",
)
def test_what_can_not_be_told(raw: Server, arguments: tuple[object, ...], said: str) -> None:
    """One sentence, exit 2."""
    done = _run(raw, *arguments)
    assert 2 == done.exit_code
    assert said in done.output


def test_a_span_of_a_second_is_said_to_be_too_short(raw: Server) -> None:
    """Nobody could see a change in it."""
    found = _json(raw, "--from", EPOCH + BROKEN, "--to", EPOCH + BROKEN + 1)
    assert "short" in {one["id"] for one in found["unseen"]}
    assert "short" not in {one["id"] for one in _json(raw, *INCIDENT)["unseen"]}


ODD_VALUES = (math.inf, -math.inf, math.nan, -1.0, 0.0, 1e308, -1e308, 1e-320)
ODD_LABELS = ("", "\x1b[2J", "a" * 5000, "<script>", "+Inf", "é\u202e")


class _Odd:
    """A server that answers from a real one's answers: some series, values, labels and times become others."""

    def __init__(self, real: Callable[..., Answer]) -> None:
        self.real = cache(real)
        self.chance = random.Random()
        self.odd = (0.0, 0.0, 0.0, 0.0)

    def begin(self, seed: int) -> None:
        """Shares of odd values, labels, times, and of what is missing."""
        self.chance.seed(seed)
        self.odd = tuple(self.chance.choice((0, 0.02, 0.3, 1)) for _ in range(4))  # type: ignore[assignment]

    def matrix(self, api: Api, query: str, start: float, end: float, step: float) -> Answer:
        """As `Api.matrix`."""
        rows = self.real(api, query, start, end, step).rows
        return Answer("matrix", tuple(self._row(row) for row in rows if not self._is(3) or self._is(0)))

    def _is(self, which: int) -> bool:
        return self.chance.random() < self.odd[which]

    def _row(self, row: Row) -> Row:
        labels = {label: self.chance.choice(ODD_LABELS) if self._is(1) else value
                  for label, value in row.labels.items() if not (self._is(1) and self._is(1))}  # fmt: skip
        points = tuple((at + self.chance.choice((0, 7, 1e9, -1e9)) if self._is(2) else at,
                        self.chance.choice(ODD_VALUES) if self._is(0) else value)
                       for at, value in row.points if not self._is(3))  # fmt: skip
        return Row(labels, points)


def test_whatever_a_server_answers_is_told_or_refused(raw: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """No fault of the command, no escape sequence, no element of a page, no number that is none."""
    odd = _Odd(Api.matrix)

    def matrix(api: Api, *asked: Any) -> Answer:
        return odd.matrix(api, *asked)

    monkeypatch.setattr(Api, "matrix", matrix)
    for seed in range(60):
        odd.begin(seed)
        form = ("text", "json", "html", "markdown")[seed % 4]
        done = _run(raw, *(WEEK if seed % 8 < 4 else INCIDENT), "--format", form)
        assert done.exit_code in (0, 2), (seed, done.output)
        assert "itself failed" not in done.output, (seed, done.output)
        assert "\x1b" not in done.output, seed
        assert form == "json" or "<script" not in done.stdout or form == "text", seed
