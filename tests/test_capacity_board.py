"""The weekly capacity board against the simulator's own ledger: what engines cost, and how much of it was idle."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
import yaml

from harness import boardlint
from harness.cost import Span, asked
from harness.programs import Server, prometheus_lines, record, running_prometheus
from scorecard import EPOCH, STEP, keep_scrapes, lookback
from vllm_observability.build.artefacts import artefacts
from vllm_observability.settings import parse
from vllm_observability.simulate.fleet import Fleet
from vllm_observability.simulate.story import Event, Group, Story
from vllm_observability.simulate.truth import Seen

HOUR = 3600
LASTS = 24 * HOUR
GONE = 8 * HOUR  # when one server of three is taken away
CHAT, CODE, OTHER = "acme/chat", "acme/code", "small"
PRICES = {CHAT: 4.0, CODE: 1.5, OTHER: 2.5}  # the last is typed in above the board
STORY = Story(
    title="", story="", lasts="24h",
    fleet=(
        Group(CHAT, 3, setup={"hardware": "8b-datacentre"}, traffic={"rate": 0.03}),
        Group(CODE, 2, setup={"hardware": "4b-consumer"}, traffic={"rate": 0.15}),
        Group(OTHER, 1, setup={"hardware": "4b-consumer"}, traffic={"rate": 0.1}),
    ),
    events=(Event("8h", reach="gone", model=CHAT, replicas=(2,)),),
)  # fmt: skip
SITE = {"models": [{"match": "acme/ch.*", "price_per_engine_hour": PRICES[CHAT]},
                   {"match": "acme/.*", "price_per_engine_hour": PRICES[CODE]}]}  # fmt: skip
TOKENS = "vllm:generation_tokens_total"
NAMES = frozenset({"vllm:num_requests_running", "vllm:kv_cache_usage_perc", "vllm:num_requests_waiting", TOKENS, "up"})
READ = (
    "requests_running:",
    "requests_waiting:",
    "engines:",
    "engines_idle:",
    "kv_cache_usage:",
    "generation_tokens:rate",
    "output_headroom:",
    "price_per_engine_hour:",
)
ENGINE_HOURS = {CHAT: (3 * GONE + 2 * (LASTS - GONE)) / HOUR, CODE: 2 * LASTS / HOUR, OTHER: LASTS / HOUR}


def _busy(seen: list[Seen], model: str) -> float:
    """Seconds in which an engine of a model had a request, by what became of each of them."""
    total = 0.0
    for instance in {one.instance for one in seen if one.model == model}:
        spans = sorted((one.arrival, one.left if one.left >= 0 else EPOCH + LASTS)
                       for one in seen if (one.model, one.instance) == (model, instance))  # fmt: skip
        until = float(EPOCH)
        for begin, end in spans:
            total += max(0.0, min(end, EPOCH + LASTS) - max(begin, until))
            until = max(until, end)
    return total


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    """The bundle of a site that says what two of three models cost."""
    return artefacts(parse(SITE))


@pytest.fixture(scope="module")
def seen() -> list[Seen]:
    """What became of each request."""
    return []


@pytest.fixture(scope="module")
def server(files: dict[str, str], seen: list[Seen], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A day of the fleet, recorded."""
    folder = tmp_path_factory.mktemp("capacity-board")
    fleet = Fleet(STORY, EPOCH, witness=seen.append)
    keep_scrapes(fleet, LASTS, folder / "data", NAMES)
    fleet.close()
    groups = yaml.safe_load(files["alerts/vllm-recording-rules.yaml"])["groups"]
    rules = [rule for group in groups for rule in group["rules"]
             if rule["record"].split("vllm_")[1].startswith(READ)]  # fmt: skip
    rules += [rule for group in groups for rule in group["rules"] if rule not in rules
              and rule["record"].endswith(("kv_cache_usage:threshold", "requests_waiting:threshold"))]  # fmt: skip
    path = folder / "rules.yaml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "some", "rules": rules}]}))
    line = prometheus_lines()[-1]
    record(folder / "data", path, EPOCH, EPOCH + LASTS, f"{STEP}s", line, lookback(STORY))
    with running_prometheus(folder / "data", line=line, arguments=lookback(STORY)) as running:
        yield running


def _panel(files: dict[str, str], form: str, title: str) -> dict[str, Any]:
    board = json.loads(files[f"dashboards/{form}vllm-capacity.json"])
    found: dict[str, Any] = next(p for p in boardlint.panels(board) if p["title"].startswith(title))
    return found


def _shown(server: Server, files: dict[str, str], form: str, column: str) -> dict[str, float]:
    """A column of the table, by model, over the whole story."""
    targets = _panel(files, form, "Models, over the time range")["targets"]
    expr = next(target["expr"] for target in targets if target["legendFormat"] == column)
    words = Span(EPOCH, EPOCH + LASTS, 60).words
    return {
        dict(labels)["model_name"]: value for labels, value in server.query(asked(expr, words), EPOCH + LASTS).items()
    }


FORMS = pytest.mark.parametrize("form", ["", "fleet/"], ids=["raw", "fleet"])


@FORMS
def test_spend_is_that_of_the_ledger(server: Server, files: dict[str, str], form: str) -> None:
    """Of a price per model, of one for some models and of one that is typed in; engines that went cost no more."""
    assert _shown(server, files, form, "Price") == pytest.approx(PRICES)
    hours = _shown(server, files, form, "Engine-hours")
    assert hours == pytest.approx(ENGINE_HOURS, rel=0.03)
    spend = _shown(server, files, form, "Spend")
    assert spend == pytest.approx({model: PRICES[model] * hours for model, hours in ENGINE_HOURS.items()}, rel=0.03)


@FORMS
def test_idle_spend_is_that_of_the_ledger(server: Server, files: dict[str, str], seen: list[Seen], form: str) -> None:
    """Engines without a request, by the times of all requests: mostly idle ones, and busy ones."""
    idle = {model: hours - _busy(seen, model) / HOUR for model, hours in ENGINE_HOURS.items()}
    shares = sorted(idle[model] / ENGINE_HOURS[model] for model in idle)
    assert 0.05 < shares[0] < 0.55 < 0.9 < shares[-1] < 0.99, shares
    true = {model: PRICES[model] * hours for model, hours in idle.items()}
    assert _shown(server, files, form, "Idle spend") == pytest.approx(true, rel=0.03)
    whole = {model: idle[model] / hours for model, hours in ENGINE_HOURS.items()}
    assert _shown(server, files, form, "Idle") == pytest.approx(whole, rel=0.03)


@FORMS
def test_the_tiles_add_up_the_table(server: Server, files: dict[str, str], form: str) -> None:
    """Spend and idle spend of all models."""
    words = Span(EPOCH, EPOCH + LASTS, 60).words
    for title in ("Spend", "Idle spend"):
        expr = _panel(files, form, title)["targets"][0]["expr"]
        (value,) = server.query(asked(expr, words), EPOCH + LASTS).values()
        assert value == pytest.approx(sum(_shown(server, files, form, title).values()))


@FORMS
def test_with_one_engine_gone_a_model_with_a_single_one_has_no_room(
    server: Server, files: dict[str, str], form: str
) -> None:
    """All of its requests would wait, at its fullest moment; of the others a part of them at the most."""
    room = _shown(server, files, form, "Room, one gone")
    running = {dict(labels)["model_name"]: value for labels, value in server.query(
        f"max_over_time(model:vllm_requests_running:sum[{LASTS}s:5m])", EPOCH + LASTS).items()}  # fmt: skip
    assert 0 > room[OTHER] >= -running[OTHER]
    assert all(room[model] > -running[model] for model in {*room} - {OTHER})
    assert CODE in room


def test_prices_are_recorded_where_the_settings_say_them(files: dict[str, str]) -> None:
    """The first entry that fits a model counts; without any price there is no rule."""
    name = "model:vllm_price_per_engine_hour:currency"
    assert name not in artefacts(parse({}))["alerts/vllm-recording-rules.yaml"]
    assert files["alerts/vllm-recording-rules.yaml"].count(name) == 1
    text = artefacts(parse({**SITE, "price_per_engine_hour": 9}))["alerts/vllm-recording-rules.yaml"]
    (rule,) = (r for g in yaml.safe_load(text)["groups"] for r in g["rules"] if r["record"] == name)
    places = [rule["expr"].index(part) for part in ('"acme/ch.*"', "* 4", '"acme/.*"', "* 1.5", "* 9")]
    assert all(before < after for before, after in pairwise(places))


def test_it_opens_on_a_week(files: dict[str, str]) -> None:
    """In both forms, and it does not ask for a week of data every half minute."""
    for form in ("", "fleet/"):
        board = json.loads(files[f"dashboards/{form}vllm-capacity.json"])
        assert ("now-7d", "15m") == (board["time"]["from"], board["refresh"])


@FORMS
def test_room_to_the_most_seen_is_plain_arithmetic(server: Server, files: dict[str, str], form: str) -> None:
    """By what is recorded of tokens and engines every five minutes of the day."""
    each, end = "model:vllm_generation_tokens:rate5m / model:vllm_engines:count", EPOCH + LASTS
    done: dict[str, list[float]] = {}
    for at in range(EPOCH - EPOCH % 300 + 300, end + 1, 300):
        for labels, value in server.query(each, at).items():
            done.setdefault(dict(labels)["model_name"], []).append(value)
    last = {dict(labels)["model_name"]: value for labels, value in server.query(each, end).items()}
    (target,) = _panel(files, form, "Room to the most")["targets"]
    shown = server.query(asked(target["expr"], Span(EPOCH, end, 60).words), end)

    assert {CHAT, CODE, OTHER} == {dict(labels)["model_name"] for labels in shown}
    for labels, value in shown.items():
        model = dict(labels)["model_name"]
        assert max(0.0, 1 - last[model] / max(done[model])) == pytest.approx(value, abs=0.005)
    assert max(shown.values()) > 0.1
