"""What a review makes of values: growth, changes, whose they are, shares, and what it says of a week."""

from __future__ import annotations

import math
import re
from array import array
from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import pytest

from harness.programs import ROOT
from reviews import INJECTED
from vllm_observability.intervals.records import Count
from vllm_observability.model import Quality, Unit
from vllm_observability.pages.sources import Access, SourceError
from vllm_observability.prometheus import Api, QueryRefused
from vllm_observability.prometheus.answers import Answer, Row
from vllm_observability.prometheus.history import Grid, course
from vllm_observability.render.report.document import Grid as DocumentGrid
from vllm_observability.render.report.document import Heat
from vllm_observability.render.report.histogram import LETTER
from vllm_observability.render.report.over_time import shaded
from vllm_observability.render.report.text import document_text
from vllm_observability.render.review.incident import incident_document
from vllm_observability.render.review.week import DAYS, week_document
from vllm_observability.review.asked_incident import span_of_alert
from vllm_observability.review.asking import Inquiry, runs
from vllm_observability.review.changing import Bound, shared, shifted
from vllm_observability.review.courses import growth, trailing
from vllm_observability.review.incident import incident
from vllm_observability.review.kinds import BY_ID
from vllm_observability.review.records import (
    Events,
    Firing,
    IncidentData,
    ModelWeek,
    Place,
    Target,
    Watched,
    WeekData,
    Who,
)
from vllm_observability.review.shares import shares
from vllm_observability.review.unseen import missed, without_latencies
from vllm_observability.review.week import slot, week
from vllm_observability.settings import ModelSettings, Settings
from vllm_observability.simulate.story import load, names
from vllm_observability.words.languages import LANGUAGES
from vllm_observability.words.phrases import English, Quantity

NAN = math.nan
MONDAY = 1_800_230_400.0  # 2027-01-18 00:00 UTC
PLACE = Place(("c", "n", "j"), "acme/chat")


# ------------------------------------------------------------------------------------------------ numbers


def test_growth_counts_from_zero_after_a_restart_and_leaves_gaps() -> None:
    """A counter that fell is another process's."""
    found = growth([5.0, 8.0, 2.0, NAN, 9.0, 10.0])
    assert [3.0, 2.0] == found[1:3]
    assert [True, False, False, True, True, False] == [value != value for value in found]
    assert 1.0 == found[5]
    assert [1.0, 3.0, 5.0] == trailing([1.0, 2.0, 3.0], 2)


def test_a_change_begins_where_the_number_leaves_its_range_for_good() -> None:
    """Two points above it are chance; a range that is wide needs a larger step."""
    calm = [1.0, 1.1, 0.9, 1.0, 1.05] * 4
    found = shifted([*calm, 1.0, 3.0, 3.0, 1.0, 3.0, 3.1, 3.2, 3.0], 20, Bound(1.5, 0.1))
    assert found is not None
    assert (24, 27) == (found.onset, found.last)
    assert 1.0 == found.before
    assert 3.0 < found.after < 3.2
    wild = [1.0, 3.4, 0.9, 3.2, 1.0] * 4
    assert shifted([*wild, 3.0, 3.1, 3.2, 3.0], 20, Bound(1.5, 0.1)) is None
    assert shifted([5.0, 5.0, 5.0], 0, Bound(1.5, 0.1)) is None  # nothing before to compare with


def test_a_share_changes_by_more_than_chance() -> None:
    """One error in a quiet quarter of an hour says nothing, five in a hundred do."""
    none, some = [0.0] * 40, [50.0] * 40
    assert shared([*none[:-1], 1.0], some, 20, 4, 0.002) is None
    found = shared([*none[:25], *[2.0] * 15], some, 20, 4, 0.002)
    assert found is not None
    assert 25 <= found.onset <= 27
    assert found.last == 39


def test_one_odd_minute_is_no_change() -> None:
    """Forty preemptions at one moment are in every window that holds it, and are over with it."""
    none, some = [0.0] * 60, [50.0] * 60
    once = [40.0 if n == 30 else 0.0 for n in range(60)]
    assert shared(once, some, 20, 8, 0.02) is None
    burst = trailing([1.0 + 30 * (n == 30) for n in range(60)], 4)
    assert shifted(burst, 20, Bound(1.5, 0.1), 4) is None
    often = [40.0 if n % 15 == 4 else 0.0 for n in range(60)]  # as often as before
    assert shared(often, some, 30, 8, 0.02) is None
    assert shared([*none[:30], *[10.0] * 30], some, 20, 8, 0.02) is not None


def test_a_small_burst_before_a_change_is_not_its_beginning() -> None:
    """Both are beyond what was before, without a pause; the change is far larger."""
    base = [0.5 * (n % 2) for n in range(60)]
    part = [*base[:30], *[4.0] * 5, *[60.0] * 25]
    found = shared(part, [50.0] * 60, 20, 8, 0.02)
    assert found is not None
    assert 35 <= found.onset <= 37


def test_runs_end_where_the_gap_is_too_long() -> None:
    """Three points, a pause, one point."""
    assert [(0, 60), (600, 600)] == list(runs([0, 30, 60, 600], 300))
    assert [] == list(runs([], 300))


# ------------------------------------------------------------------------------------------- an incident

POINTS, BEGIN = 120, 60
GRID = Grid(MONDAY, 30.0, POINTS)


def _counter(rates: Sequence[float]) -> array[float]:
    total, values = 0.0, []
    for rate in rates:
        total += rate
        values.append(total)
    return array("d", values)


def _engine(number: int, gap: Sequence[float], *, running: float = 4.0, model: str = "acme/chat") -> Watched:
    """Thirty requests a minute, each of a hundred tokens; `gap`: seconds between tokens at each point."""
    counts: dict[Count, array[float]] = {
        "gaps": _counter([1500.0] * POINTS), "gap_seconds": _counter([1500.0 * seconds for seconds in gap]),
        "ended": _counter([15.0] * POINTS), "requests": _counter([15.0] * POINTS),
        "first_tokens": _counter([15.0] * POINTS), "generated": _counter([1515.0] * POINTS),
        "steps": _counter([400.0] * POINTS), "output_tokens": _counter([1515.0] * POINTS),
        "prompts": _counter([9000.0] * POINTS), "errors": _counter([0.0] * POINTS),
    }  # fmt: skip
    steady = array("d", [running]) * POINTS
    gauges = {"running": steady, "waiting": array("d", [0.0]) * POINTS, "kv": array("d", [0.2]) * POINTS}
    return Watched(Who(PLACE.scope, f"chat-{number}", "0", model), counts, gauges)  # type: ignore[arg-type]


def _target(number: int, up: Sequence[float] = (1.0,) * POINTS, started: Sequence[float] = (5.0,) * POINTS) -> Target:
    quick = array("d", [0.01]) * POINTS
    return Target(Who(PLACE.scope, f"chat-{number}"), array("d", up), quick, array("d", started))


def _data(engines: Sequence[Watched], targets: Sequence[Target], *alerts: Firing) -> IncidentData:
    return IncidentData("a test", GRID, BEGIN, tuple(engines), tuple(targets), tuple(alerts), ())


EVEN, SLOW = [0.01] * POINTS, [0.01] * 80 + [0.03] * 40


def test_the_slow_engine_is_named_and_the_well_ones_are_not() -> None:
    """One of four; its onset to two scrapes."""
    found = incident(
        _data([_engine(n, SLOW if n == 2 else EVEN) for n in range(4)], [_target(n) for n in range(4)]), Settings()
    )
    assert found.first is not None
    assert ("tokens_slower", ["chat-2"]) == (found.first.kind, [who.instance for who in found.engines])
    assert 80 <= (found.first.at - MONDAY) / 30 <= 82
    assert found.ended is None


def test_what_hits_all_engines_names_none() -> None:
    """Then it is the model's."""
    found = incident(_data([_engine(n, SLOW) for n in range(4)], [_target(n) for n in range(4)]), Settings())
    assert found.first is not None
    assert ("tokens_slower", ()) == (found.first.kind, found.engines)


def test_a_restart_stands_before_what_follows_from_it() -> None:
    """Within the same minutes; and the end is that of the last sign."""
    up = [0.0 if 79 <= n <= 81 else 1.0 for n in range(POINTS)]
    started = [MONDAY + 79 * 30 if n >= 82 else 5.0 for n in range(POINTS)]
    slow = [0.03 if 80 <= n < 90 else 0.01 for n in range(POINTS)]
    found = incident(_data([_engine(n, slow) for n in range(2)], [_target(0, up, started), _target(1)]), Settings())
    assert found.first is not None
    assert ("restarted", "chat-0") == (found.first.kind, found.engines[0].instance)
    assert {"target_down", "tokens_slower"} <= {sign.kind for sign in found.together}
    assert found.ended is not None
    assert 88 <= (found.ended - MONDAY) / 30 <= 95


def test_nothing_is_made_up_of_a_calm_hour() -> None:
    """No sign, no beginning, no end."""
    found = incident(_data([_engine(n, EVEN) for n in range(3)], [_target(n) for n in range(3)]), Settings())
    assert (None, None, None, ()) == (found.first, found.began, found.ended, found.signs)


def test_an_alert_without_a_sign_is_the_beginning() -> None:
    """Its runbook is named; the first sign is not made up."""
    fired = Firing("VllmScrapeSlow", "warning", {}, MONDAY + 2400, MONDAY + 2700)
    found = incident(_data([_engine(0, EVEN)], [_target(0)], fired), Settings(runbook_url="https://w/{alert}"))
    assert (None, MONDAY + 2400) == (found.first, found.began)
    assert (("VllmScrapeSlow", "https://w/VllmScrapeSlow"),) == found.runbooks


def test_the_span_of_a_burn_alert_is_as_long_as_its_window() -> None:
    """What it saw began up to a day before."""
    fired = Firing("VllmErrorBudgetBurn", "warning", {"window": "1d"}, MONDAY, MONDAY + 600)
    assert (MONDAY - 86_400, MONDAY + 1500) == span_of_alert(fired, MONDAY + 9000)


# ----------------------------------------------------------------------------------------------- a week

HOURS = Grid(MONDAY + 3600, 3600.0, 48)


def _hours(value: float) -> array[float]:
    return array("d", [value]) * HOURS.count


def _model(**more: float) -> ModelWeek:
    grown: dict[Count, array[float]] = {
        "generated": _hours(50_000), "prompts": _hours(100_000), "hits": _hours(40_000), "queries": _hours(100_000),
        "requests": _hours(500), "prefill_seconds": _hours(500 * 0.01 + 0.0001 * 60_000), "gaps": _hours(49_500),
        "gap_seconds": _hours(495), "preemptions": _hours(more.get("preemptions", 0.0)),
        "output_tokens": _hours(50_000), "first_tokens": _hours(500), "first_seconds": _hours(50),
    }  # fmt: skip
    finished = {"stop": _hours(500 - more.get("aborts", 0.0)), "abort": _hours(more.get("aborts", 0.0))}
    late = array("d", [0.0] * 30 + [400.0] + [0.0] * 17)
    events = Events("ttft", 0.95, 1.0, array("d", [500 - value for value in late]), _hours(500))
    buckets = {"ttft": {0.1: _hours(100), 1.0: _hours(490), math.inf: _hours(500)}}
    return ModelWeek(PLACE, _hours(7200), _hours(1800), grown, finished, buckets, (events,))


def test_shares_are_what_the_counts_say() -> None:
    """A prompt token costs 0.1 ms here, since a decode step of 10 ms is taken off the prefill time of each request."""
    found = shares(_model())
    assert (0.25, 0.75) == (found.busy, found.idle)
    assert (0.0, 0.0) == (found.recomputed, found.spared)
    again = shares(_model(preemptions=1000.0)).recomputed
    assert again == pytest.approx(1000 * (60_000 / 500 + 0.5 * 100) * 0.0001 / 7200)
    # A tenth aborted: a tenth of prefill, and of the rest as much as half answers are of whole ones.
    lost = shares(_model(aborts=50.0)).aborted
    assert lost == pytest.approx((0.1 * 6 + 0.05 / 0.95 * 1794) / 7200)


def test_what_is_not_shown_is_no_share() -> None:
    """Without prefill times nobody knows what a token costs."""
    bare = ModelWeek(PLACE, _hours(3600), _hours(0), {}, {"stop": _hours(0)})
    assert (0.0, None, None, None) == (
        (found := shares(bare)).busy, found.recomputed, found.aborted, found.spared,
    )  # fmt: skip


def _data_of_week(*models: ModelWeek, **more: object) -> WeekData:
    return WeekData("a test", MONDAY, HOURS.end, HOURS, models, (), (), 1.0, **more)  # type: ignore[arg-type]


def test_a_week_counts_money_budgets_and_worst_hours() -> None:
    """Two engines at 3 an hour over two days; the first that fits a model has its price."""
    settings = Settings(
        price_per_engine_hour=9.0, models=(ModelSettings("other"), ModelSettings("acme/.*", price_per_engine_hour=3.0))
    )
    found = week(_data_of_week(_model()), settings)
    cost = found.models[0].cost
    assert cost is not None
    assert (288.0, 216.0) == (cost.spend, cost.idle)
    assert 120.0 == cost.per_million_output
    assert 40.0 == cost.per_million_tokens
    assert MONDAY + 30 * 3600 == found.worst[0].at
    assert 400.0 == found.worst[0].late
    (spent,) = found.models[0].spent
    assert spent.share == pytest.approx(400 / 24_000)
    assert spent.spent == pytest.approx(400 / 24_000 / 0.05)
    assert found.whole.cost == cost


def test_percentiles_know_their_limits() -> None:
    """Under the first bound only that bound is known."""
    (ttft,) = (one for one in week(_data_of_week(_model()), Settings()).models[0].latencies if one.of == "ttft")
    assert ttft.p50 is not None
    assert Quality.INTERPOLATED is ttft.p50.quality
    assert Quantity(1.0, Unit.SECONDS, Quality.ABOVE_LAST) == ttft.p99
    low = week(_data_of_week(_model()), Settings()).models[0]
    assert low.latencies[0].mean == pytest.approx(0.1)


def test_an_unpriced_week_says_no_money_and_text_has_every_section() -> None:
    """No cost without a price; pictures stand in no text."""
    document = week_document(week(_data_of_week(_model()), Settings()), English())
    titles = [section.title for section in document.sections]
    assert "What it cost" not in titles
    assert ["In short", "What to do first", "What the data does not show", "When", "What was done"] == titles[:5]


def test_weekdays_are_those_of_the_calendar() -> None:
    """2027-01-18 is a Monday."""
    assert (0, 0) == slot(MONDAY)
    assert (6, 23) == slot(MONDAY - 1)


def test_gaps_late_beginnings_and_missing_rules_are_said() -> None:
    """Engine scrapes by hour: nothing for two hours, a third missing in another, and nothing recorded at first."""
    hours = Grid(MONDAY + 3600, 3600.0, 10)
    line = array("d", [NAN, 120, 120, NAN, NAN, 120, 80, 120, 120, 120])
    found = list(missed({("a",): line}, [False] * 5 + [True] * 5, hours, compared=False))
    assert ["retention", "gap", "gap", "rules", "before"] == [one.id for one in found]
    whole, part = found[1:3]
    assert (MONDAY + 3 * 3600, MONDAY + 5 * 3600) == (whole.since, whole.until)
    assert "Nothing was scraped: Prometheus had stopped, or lost all its targets" == whole.text.text
    assert "33.3 % of the scrapes are missing" == English().write(part.text)


def test_histograms_that_can_not_be_read_are_said() -> None:
    """Tokens grow and no latency is there; of an engine that shows neither nothing is said."""
    assert ["latency"] == [one.id for one in without_latencies(tokens=True, latencies=False)]
    assert [] == [*without_latencies(tokens=False, latencies=False), *without_latencies(tokens=True, latencies=True)]


# ---------------------------------------------------------------------------------------------- asking


def test_every_incident_of_the_simulator_says_what_it_injects() -> None:
    """A new story is a row of the trial too, with kinds of signs that there are."""
    assert {name for name in names() if load(name).must} == INJECTED.keys()
    kinds = {kind for row, _ in INJECTED.values() for kind in row if ":" not in kind}
    assert kinds <= BY_ID.keys()


class _Slow:
    """A server that refuses to give more than ten points at once."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def matrix(self, query: str, start: float, end: float, step: float) -> Answer:
        """The time itself."""
        assert query
        points = round((end - start) / step) + 1
        self.asked.append(points)
        if points > 10:
            raise QueryRefused("query processing would load too many samples into memory")
        return Answer("matrix", (Row({"a": "1"}, tuple((start + n * step, start + n * step) for n in range(points))),))


def test_what_a_server_refuses_is_asked_in_halves() -> None:
    """And comes together whole."""
    server, grid = _Slow(), Grid(0.0, 60.0, 33)
    found = course(cast(Api, server), "x", grid, ("a",))
    assert {("1",): array("d", grid.times)} == found
    assert [33, 17, 9, 8, 16, 8, 8] == server.asked


def test_a_restart_of_prometheus_is_told() -> None:
    """Where it lies in the span; a server without that endpoint says nothing."""
    api = SimpleNamespace(get=lambda _: {"startTime": "2027-01-18T01:00:00.123456789Z"})
    inquiry = Inquiry(cast(Api, api), Settings())
    assert [MONDAY + 3600] == [one.since for one in inquiry.started(MONDAY, MONDAY + 7200)]
    assert [] == inquiry.started(MONDAY + 7200, MONDAY + 9000)

    def refuse(_: str) -> object:
        raise SourceError("no such page")

    assert [] == Inquiry(cast(Api, SimpleNamespace(get=refuse)), Settings()).started(0, 2e9)


def test_an_unknown_alert_is_no_question() -> None:
    """It names those that there are."""
    with pytest.raises(SourceError, match="there is no alert Nope; known are Vllm"):
        Inquiry(Api("http://127.0.0.1:1", Access(), 1000), Settings()).last_firing("Nope", 0.0)


LONG = "models/" + "very-long-name-" * 9


@pytest.mark.parametrize(("code", "width"), [("en", 80), ("en", 100), ("pt-BR", 100)])
def test_a_long_name_hides_no_number(code: str, width: int) -> None:
    """Names give way: each number of each table is there, whole, and so is each heading."""
    model = replace(_model(), place=Place(PLACE.scope, LONG))
    slow = _data([_engine(n, SLOW, model=LONG) for n in range(2)], [_target(n) for n in range(2)])
    stories = (
        week_document(week(_data_of_week(model, _model()), Settings(price_per_engine_hour=2.0)), LANGUAGES[code]),
        incident_document(incident(slow, Settings()), LANGUAGES[code]),
    )
    for document in stories:
        text = document_text(document, width=width)
        grids = [block for section in document.sections for block in section.blocks if isinstance(block, DocumentGrid)]
        assert grids
        for cell in (cell for grid in grids for row in grid.rows for cell in row[1:]):
            assert cell in text, cell
        for heading in (heading for grid in grids for heading in grid.headings):
            assert heading in text, heading


def test_a_long_name_folds_on_a_page() -> None:
    """The first column of numbers' tables is no wider than it must be."""
    template = (ROOT / "generator/vllm_observability/render/templates/report.html.j2").read_text()
    (style,) = re.findall(r"\.numbers tbody th {(.*?)}", template)
    assert "overflow-wrap: anywhere" in style
    assert "nowrap" not in style


def test_words_of_weekdays_are_inside_their_picture() -> None:
    """The longest of any language, from its end at the table to the picture's edge."""
    for spoken in LANGUAGES.values():
        rows = tuple((spoken.write(day), (0.5,) * 24) for day in DAYS)
        found = shaded(Heat("", "", tuple(f"{hour:02d}" for hour in range(24)), rows), spoken)
        for tick in found.ticks:
            if tick.anchor == "end":
                assert tick.x - LETTER * len(tick.text) >= 0, tick.text
        assert max(cell.x + cell.width for cell in found.cells) <= found.width
