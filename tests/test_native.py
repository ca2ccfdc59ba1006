"""Native histograms: the third form answers as the classic one, over the same fleet in a Prometheus that stores it so.

One server holds the fleet four times, told apart by `cluster`: classic, native, one half each, and in both at once; and
beside each what its own rules record.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from agreement import LEVELS, Case, disagreements, openmetrics
from harness import boardlint
from harness.cost import asked
from harness.history import ALL_FEATURES, Replica, history
from harness.programs import Server, prometheus_lines, promtool_check_rules, rules_of, write_rules
from harness.remote import (
    Native,
    Series,
    Stored,
    Value,
    in_whole_numbers,
    receiving,
    record,
    series_of,
    stored,
    values,
    write,
)
from test_readers_agree import cases
from vllm_observability.build.artefacts import artefacts
from vllm_observability.catalog import boards, metrics
from vllm_observability.model import Kind
from vllm_observability.pages.sources import Access
from vllm_observability.prometheus import Api
from vllm_observability.prometheus.summed import recorded_form, summed
from vllm_observability.queries.recorded import plan
from vllm_observability.settings import Settings, parse
from vllm_observability.settings.site import Histograms

LINE = prometheus_lines()[-1]
END = 1_760_000_400  # an hour, at which budgets are summed
MINUTES, RECORDED, STEP = 12, 4, 60
REPLICAS = (
    Replica("chat-0:8000", features=ALL_FEATURES),
    # No queue: a sum that begins near 0 and jumps is extrapolated by itself if classic, by the count if native.
    Replica("chat-1:8000", features=ALL_FEATURES, load=1.2),
    Replica("code-0:8000", "acme/code", "0.12.0", engines=2, incident="errors"),
)
# Cluster -> how its histograms are stored, and with which setting they are asked for.
CLUSTERS: dict[str, Histograms] = {"classic": "classic", "native": "native", "half": "both", "kept": "both"}


def _stored(labels: dict[str, str], _at: float) -> Stored:
    if labels["cluster"] == "half":
        return "native" if labels["instance"].endswith("-0:8000") else "classic"
    found: dict[str, Stored] = {"classic": "classic", "native": "native", "kept": "both"}
    return found[labels["cluster"]]


@cache
def _built(histograms: Histograms) -> dict[str, str]:
    return artefacts(parse({"histograms": histograms}))


# ------------------------------------------------------------------------------------------ both readers


# Prometheus takes no histogram whose counts contradict each other: odd pages stay classic.
def _sound() -> list[Case]:
    return [case for case in cases() if not case.name.startswith("oddities")]


@pytest.mark.parametrize("histograms", ["native", "both"])
def test_readers_agree(histograms: Histograms, tmp_path: Path) -> None:
    """On every recorded page; for `both`, every second server has native histograms."""
    sound = _sound()
    names = [case.name for case in sound]

    def kept(labels: dict[str, str], _at: float) -> Stored:
        number = names.index(labels["case"])
        return "native" if histograms == "native" or number % 2 else "classic"

    with receiving(tmp_path, LINE) as server:
        write(server.url, stored(series_of(openmetrics(sound, fleet="tested")), kept))
        found = [
            fault
            for by in LEVELS.values()
            for fault in disagreements(server, sound, by, histograms=histograms)
            # A native histogram without observations has no buckets, which a page shows as 0.
            if not re.match(r"engine_step_sizes .*: Prometheus None, evaluate\.py 0\.0\n", fault)
        ]
    assert [] == found


# ------------------------------------------------------------------------------------------------ boards


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The fleet in every form of storage, raw and recorded."""
    samples: Series = {}
    for cluster in CLUSTERS:
        fleet = [Replica(**{**vars(replica), "cluster": cluster}) for replica in REPLICAS]
        shown = in_whole_numbers(series_of(history(fleet, END, MINUTES, STEP).splitlines()))
        samples |= stored(shown, _stored)
    with receiving(tmp_path_factory.mktemp("tsdb"), LINE) as running:
        write(running.url, samples)
        for cluster, histograms in CLUSTERS.items():
            paths = write_rules(_built(histograms), tmp_path_factory.mktemp(cluster))
            record(running, rules_of(*paths), END - 60 * RECORDED, END, STEP, of=("cluster", cluster))
        yield running


def _answer(server: Server, expr: str, cluster: str) -> dict[tuple[tuple[str, str], ...], float]:
    """Numbers by labels, as of a classic fleet of no cluster."""
    words = {"$__rate_interval": "300s", "$__range": "600s"}
    found = {}
    for labels, points in values(server, asked(expr, words, {"cluster": cluster}), END, END, STEP).items():
        own = tuple(pair for pair in labels if pair[0] not in ("__name__", "cluster"))
        found |= _numbers(own, points[END])
    return found


def _numbers(labels: tuple[tuple[str, str], ...], value: Value) -> dict[tuple[tuple[str, str], ...], float]:
    if not isinstance(value, Native):
        return {labels: value}
    below = 0.0
    found = {}
    for bound, count in zip((*value.bounds, math.inf), value.counts, strict=True):
        below += count
        found[tuple(sorted((*labels, ("le", f"{bound:g}"))))] = below
    return found


@pytest.mark.parametrize("slug", [board.slug for board in boards.ALL])
@pytest.mark.parametrize("form", ["dashboards", "dashboards/fleet"])
def test_boards_show_what_classic_ones_show(server: Server, form: str, slug: str) -> None:
    """Every query of every panel; buckets at the bounds that both name."""
    drawn = {cluster: list(_queries(histograms, f"{form}/{slug}.json")) for cluster, histograms in CLUSTERS.items()}
    differing: list[tuple[str, str, str]] = []
    filled = 0
    for rows in zip(*drawn.values(), strict=True):
        expected, *others = (
            (cluster, _answer(server, expr, cluster)) for cluster, (_, expr) in zip(CLUSTERS, rows, strict=True)
        )
        differing += [
            (rows[0][0], cluster, fault) for cluster, answer in others for fault in _differing(expected[1], answer)
        ]
        filled += bool(expected[1])
    assert [] == differing
    assert filled > len(drawn["classic"]) / 3


def _queries(histograms: Histograms, path: str) -> Iterator[tuple[str, str]]:
    board: dict[str, Any] = json.loads(_built(histograms)[path])
    return ((panel["title"], expr) for panel, expr in boardlint.queries(board))


def _differing(expected: dict[Any, float], answer: dict[Any, float]) -> Iterator[str]:
    one, other = (_by_bound(each) for each in (expected, answer))
    whole = not any("le" in dict(labels) for labels in one)
    for labels in sorted(one.keys() | other.keys() if whole else one.keys() & other.keys()):
        if not math.isclose(one.get(labels, math.inf), other.get(labels, math.inf), rel_tol=1e-9, abs_tol=1e-9):
            yield f"{labels}: {one.get(labels)}, not {other.get(labels)}"
    if bool(one) != bool(other):
        yield f"{len(one)} series, not {len(other)}"


def _by_bound(answer: dict[tuple[tuple[str, str], ...], float]) -> dict[tuple[tuple[str, str], ...], float]:
    def plain(pair: tuple[str, str]) -> tuple[str, str]:
        return ("le", f"{float(pair[1].replace('Inf', 'inf')):g}") if pair[0] == "le" else pair

    return {tuple(map(plain, labels)): value for labels, value in answer.items()}


@pytest.mark.parametrize("cluster", ["native", "half", "kept"])
def test_recorded_series_are_summed_as_classic_ones(server: Server, cluster: str) -> None:
    """What a report makes of them: every count and every bucket; the form is told by what is recorded."""
    api = Api(server.url, Access(timeout=60), 64_000_000)

    def summed_of(name: str, histograms: Histograms) -> dict[Any, float]:
        planned = plan(parse({"histograms": histograms}))
        found = {}
        for sample in summed(api, planned, (("cluster", "=", name),), END, 180, set()):
            own = {key: text for key, text in sample.labels.items() if key not in ("cluster", "le")}
            bound = float(sample.labels["le"].replace("Inf", "inf")) if "le" in sample.labels else None
            found[sample.name, tuple(sorted(own.items())), bound] = sample.value
        return found

    expected, found = summed_of("classic", "classic"), summed_of(cluster, CLUSTERS[cluster])
    names = {key[0] for key in expected}
    more = {key[0] for key in found} - names  # a native histogram is recorded whole for its sum and its count
    assert bool(more) is (CLUSTERS[cluster] == "native")
    assert more <= {name for metric in metrics.ALL if metric.kind is Kind.HISTOGRAM for part in metric.parts
                    for name in metric.series(part)}  # fmt: skip
    shared = expected.keys() & found.keys()
    assert sum(bound is not None for _, _, bound in shared) > 60
    assert {key for key in expected.keys() ^ found.keys() if key[2] is None and key[0] in names} == set()
    assert {key: found[key] for key in shared} == pytest.approx({key: expected[key] for key in shared})
    assert recorded_form(api, Settings(), END) == "both"  # of all clusters together


@pytest.mark.parametrize("histograms", ["native", "both"])
def test_promtool_finds_no_fault(histograms: Histograms, tmp_path: Path) -> None:
    """In the rules, by a promtool that knows native histograms."""
    assert promtool_check_rules(write_rules(_built(histograms), tmp_path), LINE) == ""
