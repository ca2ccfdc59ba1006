"""`vllm-obs objectives`: what is proposed from a history, that it is a settings file, and what would have fired."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from harness.programs import prometheus_lines, running_prometheus
from vllm_observability.command.cli import main
from vllm_observability.objectives import History, propose
from vllm_observability.objectives.propose import burned
from vllm_observability.settings import Objective, Settings, parse
from vllm_observability.simulate.fleet import Fleet
from vllm_observability.simulate.recorded import Asked, Trace
from vllm_observability.simulate.recording import EPOCH, write_pages
from vllm_observability.simulate.show import Plain, replay

BOUNDS = (0.5, 1.0, 2.5, 5.0, 7.5, 10.0, 20.0, 40.0, 80.0, math.inf)


def _step(*seconds: float, each: int = 100) -> dict[float, float]:
    """Buckets of first tokens, `each` of every one of these times."""
    return {bound: float(each * sum(time <= bound for time in seconds)) for bound in BOUNDS}


def _run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["objectives", *map(str, arguments)])


def _history(*steps: dict[float, float]) -> History:
    return History("acme/m", tuple({"ttft": step} if step else {} for step in steps))


def test_the_tightest_bound_at_which_nothing_fires_even_at_twice_as_much() -> None:
    """A day with 0.4 % over 2.5 s, and one with 0.6 %, where twice as much would be over 1 %: the next bound."""
    for late, expected in ((4, 2.5), (6, 5.0)):
        step = {b: 1000.0 - (late if b < 5 else 0) for b in BOUNDS}
        (row,) = propose(_history(*[step] * 1200)).rows
        assert ("ttft", 0.99, expected) == (row.objective.of, row.objective.target, row.objective.within)
        assert pytest.approx(1 - (late / 1000 if expected == 2.5 else 0)) == row.kept
        assert () == row.fired


def test_nothing_tighter_than_what_hurts_somebody() -> None:
    """All first tokens within half a second: the bounds are those of the catalogue, not of this hardware."""
    (row,) = propose(_history(*[_step(0.4)] * 100)).rows
    assert 2.5 == row.objective.within
    assert {"warning": 1.0, "critical": 2.5} == row.thresholds


def test_thresholds_leave_room_above_the_slowest_ten_minutes() -> None:
    """Ten minutes of 6 s, up to 7.5 by its buckets: a warning from 20 s, a page from 40 s. Five minutes don't count."""
    slow = _step(6.0)
    (row,) = propose(_history(*[_step(0.4)] * 50, slow, slow, *[_step(0.4)] * 50)).rows
    assert {"warning": 20.0, "critical": 40.0} == row.thresholds
    (row,) = propose(_history(*[_step(0.4)] * 50, slow, *[_step(0.4)] * 50)).rows
    assert {"warning": 1.0, "critical": 2.5} == row.thresholds


def test_what_was_hardly_seen_gets_no_proposal() -> None:
    """Ten minutes; and hours with few requests."""
    assert () == propose(_history(*[_step(0.4)] * 2)).rows
    assert () == propose(_history(*[_step(0.4, each=1)] * 300)).rows


def test_the_burn_alerts_are_those_of_the_rules() -> None:
    """80 % bad: the page of the hour comes after its hold, and ends with it; a pause ends none of the warnings."""
    steps = [_step(0.4)] * 30 + [_step(0.4, 6.0, 6.0, 6.0, 6.0)] * 12 + [_step(0.4)] * 40
    found = {(one.alert, one.severity): one for one in burned(steps, "ttft", 5.0, 0.99)}
    assert {("VllmTtftBudgetBurn", "critical"), ("VllmTtftBudgetBurn", "warning")} == found.keys()
    pages = [one for one in burned(steps, "ttft", 5.0, 0.99) if one.severity == "critical"]
    assert all(30 < one.first < 40 and one.last == 41 for one in pages)
    warning = max(burned(steps, "ttft", 5.0, 0.99), key=lambda one: one.last)
    assert "warning" == warning.severity
    assert 41 + 12 < warning.last


def _trace() -> Trace:
    """A request each second, one in eight with a long prompt."""
    return Trace("made", tuple(Asked(float(n), 12_000 if n % 8 == 0 else 400, 60) for n in range(600)))


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two engines for three quarters of an hour."""
    folder = tmp_path_factory.mktemp("pages")
    play = replay([_trace()], Plain(2, 1, 0.5, "8b-datacentre", "0.33.0"), as_recorded=False)
    write_pages(Fleet(play.story, EPOCH, play.recorded), folder, 60.0, 2700.0)
    return folder


def test_the_command_prints_a_settings_file(pages: Path) -> None:
    """In both languages the same settings, which parse; the model is named as a regular expression."""
    english, portuguese = _run(pages), _run(pages, "--lang", "pt-BR")
    assert (0, 0) == (english.exit_code, portuguese.exit_code)
    assert yaml.safe_load(english.output) == yaml.safe_load(portuguese.output)
    assert english.output != portuguese.output
    settings = parse(yaml.safe_load(english.output))
    own = [o for o in settings.objectives if o.match == "trace/made"]
    assert {("ttft", 2.5), ("itl", 0.1)} == {(o.of, o.within) for o in own}
    assert settings.objectives[2:] == Settings().objectives
    assert settings.models[0].match == "trace/made"
    assert "#   nothing" in english.output


def test_a_site_keeps_its_own_objectives_behind_the_proposal(pages: Path, tmp_path: Path) -> None:
    """The first that fits counts."""
    site = tmp_path / "site.yaml"
    site.write_text("objectives: [{of: errors, target: 0.995}]\n")
    settings = parse(yaml.safe_load(_run(pages, "--settings", site).output))
    assert Objective("errors", 0.995) == settings.objectives[-1]
    assert 3 == len(settings.objectives)


def test_what_cannot_be_used_is_said(pages: Path, tmp_path: Path) -> None:
    """No source, two of them, options of the other one; and too little of it."""
    for arguments in ((), (pages, "--prometheus", "http://x"), (pages, "--since", "1d")):
        assert 2 == _run(*arguments).exit_code
    few = tmp_path / "few" / "made-0:8000"
    few.mkdir(parents=True)
    for page in sorted((pages / "made-0:8000").iterdir())[:4]:
        (few / page.name).write_bytes(page.read_bytes())
    found = _run(few.parent)
    assert 3 == found.exit_code
    assert "is too little to propose anything" in found.output


@pytest.mark.parametrize("line", prometheus_lines())
def test_a_prometheus_gives_what_its_pages_do(pages: Path, tmp_path: Path, line: str) -> None:
    """The same fleet, scraped: the same bounds."""
    from harness.programs import backfill

    lines: dict[str, list[str]] = {}
    play = replay([_trace()], Plain(2, 1, 0.5, "8b-datacentre", "0.33.0"), as_recorded=False)
    fleet = Fleet(play.story, EPOCH, play.recorded)
    for at in range(0, 2701, 60):
        fleet.run(EPOCH + at)
        for series, value in fleet.scrape():
            lines.setdefault(series.partition("{")[0], []).append(f"{series} {value!r} {EPOCH + at}\n")
    backfill("".join(text for group in lines.values() for text in group) + "# EOF\n", tmp_path)
    with running_prometheus(tmp_path, line=line) as server:
        asked = of_prometheus_at(server.url, EPOCH + 2700)
    expected = parse(yaml.safe_load(_run(pages).output))
    assert expected.objectives[:2] == tuple(row.objective for row in propose(asked).rows)


def of_prometheus_at(url: str, end: float) -> History:
    """The history up to a moment of the past, of the only model."""
    from unittest.mock import patch

    from vllm_observability.objectives.history import of_prometheus
    from vllm_observability.pages.sources import Access

    with patch("vllm_observability.prometheus.api.Api.now", return_value=end):
        (found,) = of_prometheus(url, 2700.0, 'namespace="prod"', Access(), Settings())
    return found
