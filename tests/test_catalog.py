"""The catalogue against itself and against pages of real servers: every name, version, label and bucket it claims."""

from __future__ import annotations

import ast
import re
import tokenize
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from recordings import PAGES, RECORDINGS, Recording, seen
from vllm_observability.catalog import figures
from vllm_observability.catalog import metrics as m
from vllm_observability.catalog import signals as s
from vllm_observability.model import Buckets, Kind, Metric, Name, Owner, Part, version_key

ROOT = Path(__file__).parents[1]
EACH_RECORDING = pytest.mark.parametrize("recording", RECORDINGS, ids=lambda recording: recording.folder)


# ------------------------------------------------------------------------------------------- by itself


def test_metric_ids_are_unique_and_plain() -> None:
    """One row per metric, under an id of small letters without vLLM's `_perc`, so that no row hides another."""
    assert [] == [id for id, n in Counter(metric.id for metric in m.ALL).items() if n > 1]
    assert [] == [metric.id for metric in m.ALL if not re.fullmatch(r"[a-z][a-z0-9_]*", metric.id)]
    assert [] == [metric.id for metric in m.ALL if "_perc" in metric.id]


def test_no_series_name_belongs_to_two_metrics() -> None:
    """A series name, suffix included, means one part of one metric: a page can be read in one way only."""
    names = Counter(text for metric in m.ALL for part in metric.parts for text in metric.series(part))
    assert [] == [text for text, n in names.items() if n > 1]


def test_the_catalogue_knows_the_families_of_connectors() -> None:
    """KV-connector families are part of the whole, so that a page with NIXL or offloading has no unknown name."""
    known = {text for metric in m.ALL for text in metric.series()}
    assert {"vllm:nixl_num_failed_transfers_total", "vllm:kv_offload_store_bytes_total"} <= known


def test_names_are_well_formed() -> None:
    """Names follow Prometheus' rules, their endings say the kind, and only vLLM's own have its prefix, once."""
    for metric in m.ALL:
        for name in metric.names:
            assert re.fullmatch(r"[a-zA-Z_:][a-zA-Z0-9_:]*", name.text), metric.id
            assert name.text.startswith("vllm:") == (metric.owner is Owner.ENGINE), metric.id
            assert name.text.count(":") == (1 if metric.owner is Owner.ENGINE else 0), metric.id
            # Prometheus' client adds _total to counters; `iteration_tokens_total` is a histogram all the same.
            total = metric.kind is Kind.COUNTER or metric.id == "iteration_tokens"
            assert name.text.endswith("_total") == total, metric.id
            assert name.text.endswith("_info") == (metric.kind is Kind.INFO), metric.id
            assert not re.search(r"_(bucket|count|sum|created)$", name.text), metric.id


def test_labels_are_well_formed() -> None:
    """Labels follow Prometheus' rules, none is one that Prometheus or the rules add, and `split` picks among them."""
    for metric in m.ALL:
        assert [] == [label for label in metric.labels if not re.fullmatch(r"[a-zA-Z_][a-zA-Z0-9_]*", label)], metric.id
        assert set() == set(metric.labels) & {"le", "quantile", "pid", "job", "instance", "__name__"}, metric.id
        assert set(metric.split) <= set(metric.labels) - {"model_name", "engine"}, metric.id
        assert len(metric.labels) == len(set(metric.labels)), metric.id


def test_names_go_from_newest_to_oldest_through_examined_releases() -> None:
    """Readers prefer the first name, so it must be the newest; every version is a release that was looked at."""
    for metric in m.ALL:
        assert metric.names, metric.id
        since = [version_key(name.since) for name in metric.names]
        assert since == sorted(since, reverse=True), metric.id
        for name in metric.names:
            versions = [v for v in (name.since, name.until, name.hidden_until) if v is not None]
            assert set(versions) <= set(m.EXAMINED), metric.id
            assert [version_key(v) for v in versions] == sorted(version_key(v) for v in versions), metric.id


def test_buckets_rise_and_cover_every_version_once() -> None:
    """Only histograms have bounds; they ascend, are finite, and no two layouts claim the same version."""
    for metric in m.ALL:
        assert metric.kind is Kind.HISTOGRAM or metric.buckets == (), metric.id
        for layout in metric.buckets:
            assert list(layout.bounds) == sorted(set(layout.bounds)), metric.id
            assert float("inf") not in layout.bounds, metric.id
        for version in m.EXAMINED:
            assert len([layout for layout in metric.buckets if _covers(layout, version)]) <= 1, metric.id


def test_every_metric_says_what_it_means() -> None:
    """The meaning is a sentence, for panels and pages show it; the topic puts it into a group of rules."""
    for metric in m.ALL:
        assert re.fullmatch(r"[A-Z1].*\.", metric.meaning), metric.id
        assert metric.topic, metric.id
        assert metric.notes == "" or metric.notes.endswith("."), metric.id


# ------------------------------------------------------------------------------- against recorded pages


def _covers(what: Name | Buckets, version: str) -> bool:
    until = what.until
    return version_key(what.since) <= version_key(version) and (
        until is None or version_key(version) <= version_key(until)
    )


def _families(recording: Recording) -> set[str]:
    """Families declared on any plain page of a recording, `_created` times left out."""
    plain = [path for path in recording.pages if path.stem != "openmetrics"]
    return {name for path in plain for name in seen(path).page.types if not name.endswith("_created")}


def _series(recording: Recording) -> Iterator[tuple[str, frozenset[str]]]:
    """Name and label names of every sample on the plain pages of a recording."""
    for path in recording.pages:
        if path.stem != "openmetrics":
            yield from ((sample.name, frozenset(sample.labels)) for sample in seen(path).page.samples)


def _absent_here(metric: Metric, recording: Recording) -> bool:
    """What a recording lacks for a reason other than its version."""
    if metric.condition is not None:
        return True  # has to be switched on
    if metric.owner is Owner.PROCESS:
        return recording.several_processes  # none of the processes speaks for the port
    # The V0 engine in its multi-process mode answers /metrics from the shared directory: engine families only.
    return metric.owner is Owner.SERVER and recording.generation == "V0"


@EACH_RECORDING
def test_no_name_on_a_recorded_page_is_unknown(recording: Recording) -> None:
    """Whatever stands under vLLM's prefix on a real page, the catalogue knows, in plain and in OpenMetrics form."""
    assert [] == [(path.name, name) for path in recording.pages for name in seen(path).unknown]
    assert [] == [(path.name, fault) for path in recording.pages for fault in seen(path).page.faults]


@EACH_RECORDING
def test_every_name_claimed_for_a_version_is_on_its_page(recording: Recording) -> None:
    """A name that the catalogue shows by default in that version, for that engine, is declared by the real server."""
    claimed = {
        name.text
        for metric in m.ALL
        if not _absent_here(metric, recording)
        for name in metric.names
        if _covers(name, recording.version) and name.engine in ("both", recording.generation)
    }
    assert len(claimed) > 15
    assert set() == claimed - _families(recording)


@EACH_RECORDING
def test_every_name_on_a_page_lies_within_its_claimed_versions(recording: Recording) -> None:
    """A name that a real server shows is claimed for that version; retired names only where they were asked for."""
    rows = {name.text: name for metric in m.ALL for name in metric.names}
    found = sorted(_families(recording) & set(rows))
    assert found
    for text in found:
        name = rows[text]
        retired = recording.hidden_shown and name.hidden_until is not None
        assert _covers(name, recording.version) or retired, text
        assert name.engine in ("both", recording.generation), text


@EACH_RECORDING
def test_the_kind_claimed_is_the_kind_declared(recording: Recording) -> None:
    """The page's TYPE lines agree with the catalogue; an info family is declared as the gauge that it is."""
    declared = {name: kind for path in recording.pages for name, kind in seen(path).page.types.items()}
    claimed = {name.text: metric.kind for metric in m.ALL for name in metric.names}
    told = {Kind.INFO: "gauge"}
    assert [] == [
        (name, declared[name], kind)
        for name, kind in claimed.items()
        if name in declared and declared[name] != told.get(kind, kind.value)
    ]


@EACH_RECORDING
def test_bucket_bounds_are_those_of_the_page(recording: Recording) -> None:
    """A histogram's finite bounds on the page are the catalogue's for that version, so SLOs lie on real edges."""
    compared = 0
    page = seen(PAGES / recording.folder / "loaded.txt")
    for metric in m.ALL:
        layouts = [layout for layout in metric.buckets if layout.bounds and _covers(layout, recording.version)]
        rows = page.of(metric, Part.BUCKET)
        if layouts and rows:
            found = {float(value) for labels in rows for key, value in labels if key == "le"} - {float("inf")}
            assert set(layouts[0].bounds) == found, metric.id
            compared += 1
    assert compared >= 8


# Label sets that the catalogue names only in part.
_MORE_LABELS = {"cache_config": "every cache setting is a label, another set in nearly every release"}


@EACH_RECORDING
def test_labels_on_the_page_are_within_the_catalogues(recording: Recording) -> None:
    """A series has no label that its metric does not name: recorded series would drop what they don't know."""
    kinds = {text: (metric, part) for metric in m.ALL for part in metric.parts for text in metric.series(part)}
    for name, labels in set(_series(recording)):
        if name in kinds:
            metric, part = kinds[name]
            extra = labels - set(metric.labels) - ({"le"} if part is Part.BUCKET else set())
            assert extra == set() or metric.id in _MORE_LABELS, name


def test_the_newest_version_has_exactly_the_labels_claimed() -> None:
    """On 0.32.0 every series has all the labels of its metric, not just some: `by` clauses rely on them."""
    recording = next(r for r in RECORDINGS if r.folder == "vllm-0.32.0")
    kinds = {text: metric for metric in m.ALL for part in metric.parts for text in metric.series(part)}
    for name, labels in set(_series(recording)):
        if name in kinds and kinds[name].id not in _MORE_LABELS:
            assert set(kinds[name].labels) == labels - {"le"}, name


def test_a_server_without_statistics_shows_only_other_owners() -> None:
    """--disable-log-stats takes away every engine family; the API server's and its process' stay, all known."""
    pages = sorted((PAGES / "vllm-0.32.0-nostats").glob("*.txt"))
    assert len(pages) == 4
    for path in pages:
        page = seen(path)
        assert page.engine_samples is False
        assert page.has(m.HTTP_REQUESTS) is (path.stem != "fresh")
        assert page.has(m.PROCESS_CPU)
        assert page.unknown == ()


# ----------------------------------------------------------------------------------- raw names elsewhere

_CATALOGUES = {"catalog/metrics.py", "catalog/connectors.py"}
_RAW_NAME = re.compile(r"vllm:\w")


def _sources() -> list[Path]:
    found = sorted((ROOT / "generator").rglob("*.py")) + sorted((ROOT / "tools").rglob("*.py"))
    return [path for path in found if not path.as_posix().endswith(tuple(_CATALOGUES))]


def test_raw_metric_names_are_written_in_the_catalogue_only() -> None:
    """No other source spells one of vLLM's names, not even in a comment; the bare prefix ends at its colon."""
    assert len(_sources()) > 20
    found = []
    for path in _sources():
        with path.open("rb") as file:
            found += [
                f"{path.name}:{token.start[0]}: {token.string[:60]}"
                for token in tokenize.tokenize(file.readline)
                if token.type != tokenize.ENCODING and _RAW_NAME.search(token.string)
            ]
    assert found == []


def test_the_bare_prefix_is_a_constant_not_a_piece_of_a_name() -> None:
    """Where code names the prefix, it is a whole string by itself: joined to other text it would hide a raw name."""
    for path in _sources():
        tree = ast.parse(path.read_text())
        joined = [value for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for value in node.values]
        added = [side for node in ast.walk(tree) if isinstance(node, ast.BinOp) for side in (node.left, node.right)]
        pieces = [n.value for n in (*joined, *added) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
        assert [] == [text for text in pieces if "vllm:" in text], path


def test_a_signal_alone_says_that_it_is_a_figure() -> None:
    """Every such signal has a row, one without words where nobody gave it any; rows are of such signals only."""
    assert {signal.id for signal in s.ALL if signal.figure} == {row.signal.id for row in figures.ALL if row.signal}
    new = replace(s.PREEMPTIONS, id="a_new_figure", figure=True)
    (row,) = figures.completed((), (new, replace(new, id="no_figure", figure=False)))
    assert ("a_new_figure", None, "") == (row.id, row.section, row.title)
