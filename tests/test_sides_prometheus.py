"""compare and capacity over a Prometheus: what its scrapes hold gives what a folder of the same pages gives."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from harness.programs import Server, backfill, openmetrics_line, running_prometheus
from made_pages import START, write_pages
from test_stores import in_milliseconds, victoria_metrics
from vllm_observability.command.cli import main
from vllm_observability.intervals import asked
from vllm_observability.intervals.asked import Ask, one_side, span_of
from vllm_observability.intervals.records import Side
from vllm_observability.pages.scrape import read_page
from vllm_observability.pages.sources import Access
from vllm_observability.settings import Settings

LATER = START + 3600
SPANS = {"before": f"{START - 5:.0f}/{START + 725:.0f}", "after": f"{LATER - 5:.0f}/{LATER + 725:.0f}"}
KEPT = ("vllm:num_requests", "vllm:kv_cache_usage", "vllm:cache_config", "vllm:iteration", "vllm:generation",
        "vllm:inter_",
        "vllm:prompt_tokens_total", "vllm:time_to_first", "vllm:e2e", "vllm:request_", "vllm:prefix_cache",
        "vllm:num_preemptions", "process_start_time_seconds")  # fmt: skip


TRACKS = (
    ("stable", "stable"), ("canary", "canary"), ("later", "stable"), ("now-stable", "now"), ("now-canary", "new"),
)  # fmt: skip


def _lines(folder: Path, track: str) -> Iterator[str]:
    for target in sorted(folder.iterdir()):
        for page in sorted(target.iterdir()):
            for sample in read_page(page.read_bytes()).samples:
                if sample.name.startswith(KEPT):
                    labels = {**sample.labels, "job": "vllm", "instance": f"{track}-{target.name}", "track": track}
                    yield openmetrics_line(sample.name, labels, sample.value, float(page.stem) + 0.25)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stable and a canary group at one time, and the canary an hour later, 15 % slower."""
    root = tmp_path_factory.mktemp("sides")
    write_pages(root / "stable", seed="a")
    write_pages(root / "canary", seed="b", rate=4.5)
    write_pages(root / "later", seed="c", rate=4.5, speed=1 / 1.15, start=LATER)
    now = float(int(time.time()) - 560)  # VictoriaMetrics hides the last 30 seconds
    write_pages(root / "now-stable", seed="d", start=now, minutes=8)
    write_pages(root / "now-canary", seed="e", start=now, minutes=8, speed=1 / 1.3)
    return root


@pytest.fixture(scope="module")
def server(folders: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A Prometheus that scraped them all."""
    directory = tmp_path_factory.mktemp("tsdb")
    groups: dict[str, list[str]] = {}
    for name, track in TRACKS:
        for line in _lines(folders / name, track):
            groups.setdefault(line.partition("{")[0], []).append(line)
    backfill(text := "".join(text for group in groups.values() for text in group) + "# EOF\n", directory)
    (directory.parent / "samples.om").write_text(text)
    with running_prometheus(directory) as running:
        yield running


@pytest.fixture(scope="module")
def victoria(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A VictoriaMetrics with the same samples."""
    assert server.url
    samples = (tmp_path_factory.getbasetemp() / "samples.om").read_text()
    with victoria_metrics(tmp_path_factory.mktemp("vm") / "store", in_milliseconds(samples)) as url:
        yield url


def _run(command: str, *arguments: object) -> Result:
    return CliRunner().invoke(main, [command, *(str(a) for a in arguments)])


def _sides(server: Server, *more: str) -> tuple[str, ...]:
    return ("--prometheus", server.url, "--before", SPANS["before"], "--after", SPANS["after"], *more)


def test_two_times_give_what_the_folders_give(server: Server, folders: Path) -> None:
    """To the last digit: the scrapes are the same."""
    asked = _run("compare", *_sides(server, "--selector", 'track="stable"', "--format", "json"))
    read = _run("compare", folders / "stable", folders / "later", "--format", "json")
    assert 1 == asked.exit_code, asked.output
    found, expected = (json.loads(done.stdout) for done in (asked, read))
    assert 12 < found["questions"][0]["adjusted_percent"] < 18
    for one, other in zip(found["questions"], expected["questions"], strict=True):
        assert one["id"] == other["id"]
        assert one["verdict"] == other["verdict"]
        assert one["adjusted_percent"] == pytest.approx(other["adjusted_percent"], abs=1.0)
    assert [2, 2] == [side["engines"] for side in found["sides"]]


def test_spans_may_be_rfc_3339(server: Server) -> None:
    """2026-01-01T00:00:00Z is START."""
    done = _run("compare", "--prometheus", server.url, "--before", "2026-01-01T00:00:00Z/2026-01-01T00:12:00Z",
                "--after", "2026-01-01T01:00:00Z/2026-01-01T01:12:00Z", "--selector", 'track="stable"')  # fmt: skip
    assert 1 == done.exit_code, done.output


@pytest.mark.parametrize("seconds", [305.25, 500.0], ids=["an end is a scrape", "no multiple"])
def test_slices_count_nothing_twice(server: Server, monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """However a time is cut, every scrape is read once."""

    def side() -> Side:
        ask = Ask(span_of(SPANS["before"]), 'track="canary"')
        return one_side(server.url, ask, Access(timeout=60), Settings(), None)

    whole = side()
    monkeypatch.setattr(asked, "SLICE", seconds)
    assert whole == side()


def test_two_groups_at_one_time(server: Server) -> None:
    """A canary whose steps take 30 % longer, over the last half hour."""
    done = _run("compare", "--prometheus", server.url, "--a", 'track="now"', "--b", 'track="new"', "--since", "30m",
                "--format", "json")  # fmt: skip
    assert 1 == done.exit_code, done.output
    (itl,) = (q for q in json.loads(done.stdout)["questions"] if q["id"] == "itl")
    assert 25 < itl["adjusted_percent"] < 35


def test_an_engine_on_both_sides_is_refused(server: Server) -> None:
    """The same engine would be compared with itself."""
    done = _run("compare", "--prometheus", server.url, "--a", 'track="now"', "--b", 'track=~"now|new"')
    assert 2 == done.exit_code
    assert "engines are on both sides" in done.stderr


def test_a_time_without_data_is_said(server: Server) -> None:
    """No series has this label, and nothing was scraped in the year 2001."""
    done = _run("compare", "--prometheus", server.url, "--a", 'track="none"', "--b", 'track="new"')
    assert 2 == done.exit_code
    assert 'holds nothing of vLLM with track="none"' in done.stderr
    old = _run("compare", "--prometheus", server.url, "--before", "1000000000/1000001800", "--after", SPANS["after"])
    assert 2 == old.exit_code
    assert "2001-09-09" in old.stderr


def test_capacity_of_the_last_half_hour(server: Server) -> None:
    """Read, and refused for its light load."""
    done = _run("capacity", "--prometheus", server.url, "--since", "30m", "--selector", 'track="now"')
    assert 3 == done.exit_code, done.output
    assert "the load is too" in done.stdout


def test_spans_that_are_none_are_refused(server: Server) -> None:
    """Words, an end before the start, one side only."""
    url = ("--prometheus", server.url)
    assert "is not a time span" in _run("compare", *url, "--before", "noon", "--after", SPANS["after"]).stderr
    assert "the end must come after the start" in _run("compare", *url, "--before", "20/10", "--after", "30/40").stderr
    assert 2 == _run("compare", *url, "--before", SPANS["before"]).exit_code
    assert 2 == _run("compare", *url).exit_code


def test_what_is_no_prometheus_is_said() -> None:
    """A refused connection."""
    done = _run("capacity", "--prometheus", "http://127.0.0.1:9")
    assert 2 == done.exit_code
    assert "127.0.0.1:9" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("compare", "--before", SPANS["before"], "--after", SPANS["after"], "--selector", 'track="stable"'),
        ("compare", "--a", 'track="now"', "--b", 'track="new"', "--since", "30m"),
        ("capacity", "--selector", 'track="now"', "--since", "30m", "--max-num-seqs", "256"),
    ],
    ids=["two times", "two groups", "capacity"],
)
def test_victoria_metrics_gives_what_prometheus_gives(
    arguments: tuple[str, ...], server: Server, victoria: str
) -> None:
    """The same numbers and the same verdict, from the same samples."""
    command, *rest = arguments
    asked = [_run(command, "--prometheus", url, *rest, "--format", "json") for url in (server.url, victoria)]
    assert asked[0].exit_code == asked[1].exit_code, asked[1].output
    assert asked[0].exit_code in (0, 1, 3)
    first, second = (_without_times(json.loads(done.stdout)) for done in asked)
    assert [] == list(_differences(first, second))


def _without_times(found: dict[str, object]) -> dict[str, object]:
    """The sides are called after the time at which each server was asked."""
    return json.loads(re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "T", json.dumps(found)))


def _differences(one: object, other: object, place: str = "") -> Iterator[str]:
    """Places that differ by more than the last digit."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        for key in one:
            yield from _differences(one[key], other[key], f"{place}.{key}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for n, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from _differences(left, right, f"{place}.{n}")
    elif one != other and not (isinstance(one, float) and one == pytest.approx(other, rel=1e-6)):
        yield f"{place}: {one!r}, {other!r}"
