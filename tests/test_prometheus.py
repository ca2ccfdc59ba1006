"""The report over a Prometheus: the figures of the pages that it scraped, exactly; and plain words where it can't."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from harness.programs import Server, backfill, openmetrics_line, prometheus_lines, running_prometheus
from recordings import PAGES
from vllm_observability.catalog import checks
from vllm_observability.catalog.figures import BY_ID
from vllm_observability.command.cli import main
from vllm_observability.model import Raw
from vllm_observability.pages.evaluate import window
from vllm_observability.pages.scrape import read_page
from vllm_observability.pages.snapshot import snapshot
from vllm_observability.pages.source import Source
from vllm_observability.pages.sources import Access, SourceError
from vllm_observability.prometheus import Api, QueryRefused, Question, read_prometheus
from vllm_observability.render.report.document import Grid
from vllm_observability.render.report.glance import engines
from vllm_observability.report import Report, analyse
from vllm_observability.settings import Settings
from vllm_observability.words.phrases import English

NOW = 1_800_000_000.0
SINCE = 1800.0
FOLDERS = ("vllm-0.9.2", "vllm-0.32.0", "vllm-0.32.0-dp2")
LINES = prometheus_lines()


def _lines(folder: str, instance: str, first: float = NOW - SINCE - 5) -> Iterator[str]:
    """`loaded` half an hour ago, `after` now; both a moment before, as scrapes are."""
    for page, at in (("loaded", first), ("after", NOW - 5)):
        seen = set()
        for sample in read_page((PAGES / folder / f"{page}.txt").read_bytes()).samples:
            labels = {**sample.labels, "job": "vllm", "instance": instance}
            key = (sample.name, *sorted(labels.items()))
            if key not in seen:
                seen.add(key)
                yield openmetrics_line(sample.name, labels, sample.value, at)


@pytest.fixture(scope="module", params=LINES, ids=str)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Three servers, scraped twice, one that came to it later, and a program that is none of ours."""
    directory = tmp_path_factory.mktemp("tsdb")
    groups: dict[str, list[str]] = {}
    late = _lines(FOLDERS[1], "late", NOW - 605)
    for line in (*(line for folder in FOLDERS for line in _lines(folder, folder)), *late):
        groups.setdefault(line.partition("{")[0], []).append(line)
    other = openmetrics_line("process_resident_memory_bytes", {"job": "node", "instance": "x"}, 9e12, NOW - 5)
    groups["process_resident_memory_bytes"].append(other)
    backfill("".join(text for group in groups.values() for text in group) + "# EOF\n", directory, request.param)
    with running_prometheus(directory, line=request.param) as running:
        yield running


def _asked(server: Server, **question: object) -> Report:
    asked = Question(**{"since": SINCE, "at": NOW, **question})  # type: ignore[arg-type]
    found = read_prometheus(server.url, asked, Access(), Settings())
    return analyse(*found, Settings())


def _of_pages(folder: str) -> Report:
    later, earlier = (snapshot(read_page((PAGES / folder / f"{p}.txt").read_bytes())) for p in ("after", "loaded"))
    return analyse(window(later, earlier, SINCE), Source("pair", folder, at=NOW), Settings())


def _figures(report: Report) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Without what only a Prometheus adds, its target labels."""
    return {
        (f.id, tuple(sorted((k, v) for k, v in f.labels.items() if k != "instance"))): round(f.value, 9)
        for f in report.figures
    }


@pytest.mark.parametrize("folder", FOLDERS)
def test_figures_are_those_of_the_pages(server: Server, folder: str) -> None:
    """Every figure, to nine digits: the same counts at the same two moments."""
    report = _asked(server, selector=f'instance="{folder}"')

    assert _figures(_of_pages(folder)) == _figures(report)
    assert len(report.figures) > 40
    more = {check.id for check in checks.ALL if isinstance(check.signal.expr, Raw)}
    of_pages = [(f.id, f.severity) for f in report.findings if f.id not in more]
    assert [(f.id, f.severity) for f in _of_pages(folder).findings if f.id not in more] == of_pages


def test_servers_add_up(server: Server) -> None:
    """Over all three: finished requests are the sum; memory is of our servers only."""
    whole = sum(f.value for f in _asked(server, selector='instance!="late"').all(BY_ID["requests_finished"]))
    each = [sum(f.value for f in _of_pages(folder).all(BY_ID["requests_finished"])) for folder in FOLDERS]

    assert whole == sum(each) > 0
    assert all(f.value < 1e12 for f in _asked(server).all(BY_ID["process_resident_memory_bytes"]))


def test_a_model_is_chosen_by_pattern(server: Server) -> None:
    """An anchored regular expression, as everywhere in Prometheus."""
    assert _asked(server, model="Qwen/.*").find(BY_ID["requests_finished"]) is not None
    with pytest.raises(SourceError, match="no series of vllm: has model_name"):
        _asked(server, model="acme/nothing")


def test_a_window_is_as_long_as_there_are_data(server: Server) -> None:
    """Further back than there is history: the growth since the first scrape, and how long ago that was."""
    report = _asked(server, selector='instance="vllm-0.32.0"', since=86_400)

    assert SINCE <= (report.source.window_seconds or 0) <= SINCE + 5
    counted = {of: value for of, value in _figures(_of_pages("vllm-0.32.0")).items() if of[0] == "requests_finished"}
    assert sum(counted.values()) > 0
    assert counted.items() <= _figures(report).items()
    rates = next(entry for entry in report.coverage if entry.topic == "rates")
    assert "present" == rates.state
    assert English().write(rates.detail).endswith("Prometheus has no data of these servers from 24 h ago")


def test_a_server_that_came_later_counts_from_its_first_scrape(server: Server) -> None:
    """It ran long before, and what it did in its life is no growth of this half hour."""
    both = _figures(_asked(server, selector='instance=~"late|vllm-0.32.0"'))
    one = {of: value for of, value in _figures(_of_pages("vllm-0.32.0")).items() if of[0] == "requests_finished"}
    assert {of: 2 * value for of, value in one.items()}.items() <= both.items()


def test_engines_side_by_side_all_have_something(server: Server) -> None:
    """What a Prometheus knows of a server alone makes no row of an engine."""
    rows = [block.rows for block in engines(_asked(server), English()) if isinstance(block, Grid)]
    assert len(rows[0]) > 3
    assert [] == [row for row in rows[0] if set(row[1:]) == {"–"}]


def test_one_scrape_counts_from_the_start_of_the_server(server: Server) -> None:
    """Totals of the page, and no rates."""
    report = _asked(server, at=NOW - SINCE)

    assert report.source.window_seconds is None
    rates = next(entry for entry in report.coverage if entry.topic == "rates")
    assert "absent" == rates.state
    assert rates.next is not None
    assert "Ask for a shorter time with --since." == English().write(rates.next)


def test_on_the_command_line(server: Server) -> None:
    """`time()` of the server is now, where the history is long past: a sentence, and exit 2."""
    done = CliRunner().invoke(main, ["analyze", "--prometheus", server.url, "--format", "json"])

    assert done.exit_code == 2
    assert "holds no series that begins with vllm:" in done.stderr
    for wrong in (
        ["analyze"],
        ["analyze", "x", "--prometheus", server.url],
        ["analyze", "--prometheus", "http://x", "--since", "1"],
    ):
        assert CliRunner().invoke(main, wrong).exit_code == 2


def test_what_is_no_prometheus_is_said() -> None:
    """A refused connection, and a query that the server refuses."""
    done = CliRunner().invoke(main, ["analyze", "--prometheus", "http://127.0.0.1:9"])
    assert done.exit_code == 2
    assert "127.0.0.1:9" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_server_that_takes_no_pattern_is_asked_name_by_name(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """As Google Managed Prometheus: the same figures, one query a name."""
    plain, asked = Api.ask, []

    def ask(self: Api, query: str, at: float | None) -> object:
        if "__name__=~" in query:
            raise QueryRefused("no name patterns here")
        asked.append(query)
        return plain(self, query, at)

    monkeypatch.setattr(Api, "ask", ask)
    found = _figures(_asked(server, selector='instance="vllm-0.32.0"'))

    assert _figures(_of_pages("vllm-0.32.0")) == found
    assert len(asked) > 200


def test_a_bad_selector_is_the_servers_own_sentence(server: Server) -> None:
    """Prometheus says what is wrong with it."""
    with pytest.raises(SourceError, match="refuses the query: look at --model and --selector"):
        _asked(server, selector="job=")


def test_a_directory_is_its_earliest_and_latest_page(tmp_path: Path) -> None:
    """Two pages of a folder are a pair."""
    for at, name in enumerate(("fresh", "after")):
        page = tmp_path / f"{name}.txt"
        page.write_bytes((PAGES / "vllm-0.32.0" / page.name).read_bytes())
        os.utime(page, (1_800_000_000 + 60 * at,) * 2)
    done = CliRunner().invoke(main, ["analyze", str(tmp_path), "--format", "json"])

    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["source"]["kind"] == "pair"
