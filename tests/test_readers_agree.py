"""The two readers agree on every signal, over every recorded and every odd page: a real Prometheus and evaluate.py.

One Prometheus per version to be had holds all cases; see agreement.py for how.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from agreement import EARLIER, LATER, LEVELS, SIGNALS, Case, disagreements, fleet, openmetrics, read
from harness.programs import Line, Server, backfill, openmetrics_line, prometheus_lines, running_prometheus
from recordings import DATA, PAGES
from vllm_observability.catalog import signals
from vllm_observability.pages.scrape import Page, ScrapeError, read_page
from vllm_observability.pages.snapshot import snapshot

ODDITIES = DATA / "oddities"


def _page(path: Path) -> Page | None:
    try:
        return read_page(path.read_bytes())
    except ScrapeError:
        return None


def _singles() -> list[Case]:
    """Every page alone: growth since the server started."""
    found = []
    for path in sorted([*PAGES.rglob("*.txt"), *ODDITIES.glob("*.txt")]):
        page = _page(path)
        if page and snapshot(page).engine_samples:
            found.append(Case(path.relative_to(DATA).as_posix(), page))
    return found


def _pairs() -> list[Case]:
    """Two pages of one server: every `loaded` to `after`, and some of the series."""
    found = []
    for folder in sorted(path for path in PAGES.iterdir() if path.is_dir()):
        loaded, after = (_page(folder / name) for name in ("loaded.txt", "after.txt"))
        if loaded and after and snapshot(after).engine_samples and "series" not in folder.name:
            found.append(Case(f"{folder.name}: loaded to after", after, loaded))
    series = PAGES / "vllm-0.32.0/series"
    for one, other in (("05", "20"), ("09", "10"), ("13", "16")):
        earlier, later = (next(series.glob(f"{n}*.txt"), None) for n in (one, other))
        assert earlier
        assert later
        found.append(Case(f"series {one} to {other}", read_page(later.read_bytes()), read_page(earlier.read_bytes())))
    return found


def _after(folder: str) -> Page:
    return read_page((PAGES / folder / "after.txt").read_bytes())


def _odd(name: str) -> Page:
    return read_page((ODDITIES / f"{name}.txt").read_bytes())


def _fleets() -> list[Case]:
    """Several servers under one model: old names, new names, both names, several engines."""
    mixed = {"old": _after("vllm-0.8.5"), "both": _after("vllm-0.10.2"), "new": _after("vllm-0.32.0")}
    return [
        Case("old and new names", fleet({k: mixed[k] for k in ("old", "new")})),
        Case("three generations", fleet(mixed)),
        Case(
            "both names and a pid on every gauge",
            fleet({"both": mixed["both"], "pids": _odd("16-two-api-servers-pid")}),
        ),
        Case("two engines and a single one", fleet({"dp": _after("vllm-0.32.0-dp2"), "one": _after("vllm-0.16.0")})),
    ]


@cache  # read by tests, not by every worker that collects them
def cases() -> list[Case]:
    """All of them."""
    return [*_singles(), *_pairs(), *_fleets()]


def _decoys() -> list[Case]:
    """Beside what is asked about: a query that forgot its matchers would count this too."""
    return [Case(cases()[0].name, _after("vllm-0.32.0-dp2"))]


@pytest.fixture(scope="module", params=prometheus_lines(), ids=str)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A Prometheus that holds every case."""
    line: Line = request.param
    directory = tmp_path_factory.mktemp("tsdb")
    names: dict[str, list[str]] = {}
    for text in (*openmetrics(cases(), fleet="tested"), *openmetrics(_decoys(), fleet="somebody-elses")):
        names.setdefault(text.partition("{")[0], []).append(text)
    backfill("".join(text for group in names.values() for text in group) + "# EOF\n", directory, line)
    with running_prometheus(directory, line=line) as running:
        yield running


def test_there_are_cases_of_every_kind() -> None:
    """Fails closed: pages of every recorded version, odd pages, pairs and fleets are among the cases."""
    names = " ".join(case.name for case in cases())

    assert len(cases()) > 80
    for version in ("0.8.5", "0.9.2", "0.10.2", "0.12.0", "0.16.0", "0.20.2", "0.32.0"):
        assert f"vllm-{version}/after.txt" in names
    assert len(SIGNALS) > 60


@pytest.mark.parametrize("level", LEVELS)
def test_readers_agree_on_every_signal(server: Server, level: str) -> None:
    """The same groups and the same numbers, from the query's text and from the tree."""
    assert [] == disagreements(server, cases(), LEVELS[level])


def _answers(server: Server, case: str, signal: signals.Signal) -> float:
    found = read(server, cases(), signal, ("model_name",), ("vllm:",), "tested").promql
    return next(value for group, value in found.items() if ("case", case) in group)


def test_old_and_new_names_both_count(server: Server) -> None:
    """A fleet of 0.8.5 and 0.32.0: token gaps of both, 8015 and 8735, go into the mean, not those of one."""
    mean = (118.84614634513855 + 57.49155131799807) / (8015 + 8735)

    assert mean == pytest.approx(_answers(server, "old and new names", signals.ITL_MEAN), rel=1e-6)


def test_a_server_with_both_names_counts_once(server: Server) -> None:
    """With 0.10.2, which shows the gaps twice, 7986 more, not 15972."""
    mean = (118.84614634513855 + 57.49155131799807 + 70.76383298400106) / (8015 + 8735 + 7986)

    assert mean == pytest.approx(_answers(server, "three generations", signals.ITL_MEAN), rel=1e-6)


def test_rows_of_several_processes_count_once(server: Server) -> None:
    """Two API servers say 3 and 2 running: one of them is stale, so 3 run, not 5; and the fuller cache is the cache."""
    page = "oddities/16-two-api-servers-pid.txt"

    assert _answers(server, page, signals.RUNNING) == 3
    assert _answers(server, page, signals.WAITING) == 1
    assert _answers(server, page, signals.KV_USAGE) == 0.31
    assert _answers(server, page, signals.KV_USAGE_MEAN) == 0.31


def test_backfilled_times_are_the_windows_edges() -> None:
    """The two samples lie where the query looks for them."""
    assert openmetrics_line("a", {}, 1.0, EARLIER).endswith("1700000000.000\n")
    assert LATER > EARLIER
