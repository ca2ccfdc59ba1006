"""Native histograms -> the samples that a page has of them: how many were observed up to each bound, count and sum.

Pages stay classic, so whoever reads one needs to know nothing of how a Prometheus keeps it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from vllm_observability.catalog import metrics as m
from vllm_observability.model import Kind, Part
from vllm_observability.pages.scrape import Sample
from vllm_observability.prometheus.answers import Histogram, Value
from vllm_observability.queries.promql import Reader, le_text
from vllm_observability.settings import Settings
from vllm_observability.settings.site import Histograms

Rows: TypeAlias = "Sequence[tuple[Mapping[str, str], Value]]"
Key: TypeAlias = "tuple[str, frozenset[tuple[str, str]]]"  # the name of a native histogram, and its labels


def known_bounds(settings: Settings) -> Mapping[str, frozenset[float]]:
    """Name of a native histogram -> the bounds that it can have, by any version of vLLM."""
    reader = Reader(by=(), window="", prefixes=settings.metric_prefixes)
    found: dict[str, frozenset[float]] = {}
    for metric in (metric for metric in m.ALL if metric.kind is Kind.HISTOGRAM):
        bounds = frozenset(bound for buckets in metric.buckets for bound in buckets.bounds)
        bounds |= frozenset(settings.buckets.get(metric.id, ()))
        found |= dict.fromkeys(reader.series(metric), bounds)
    return found


def form_of(rows: Rows) -> Histograms | None:
    """How these histograms have to be asked for; None where there are none."""
    native = any(isinstance(value, Histogram) for _, value in rows)
    classic = any(labels.get("__name__", "").endswith(Part.BUCKET.value) for labels, _ in rows)
    return form_with(native=native, classic=classic)


def form_with(*, native: bool, classic: bool) -> Histograms | None:
    """The form that reads whichever of both are there; None where neither is."""
    if native and classic:
        return "both"
    return "native" if native else "classic" if classic else None


def as_pages(answers: Sequence[Rows], known: Mapping[str, frozenset[float]]) -> list[list[Sample]]:
    """Answers of several instants as pages, buckets of one series at the same bounds in all of them.

    A Prometheus names the buckets that hold something. Where no bucket spans a bound, the count up to it is known all
    the same. A server whose classic series are there as well is read from these.
    """
    whole: dict[Key, list[Histogram]] = {}
    classic: dict[Key, set[float]] = {}
    shown: dict[str, set[float]] = {}
    for rows in answers:
        for labels, value in rows:
            name = labels.get("__name__", "")
            if isinstance(value, Histogram):
                whole.setdefault(_key(name, labels), []).append(value)
                shown.setdefault(name, set()).update(edges(value))
            elif name.endswith(Part.BUCKET.value):
                own = classic.setdefault(_key(name.removesuffix(Part.BUCKET.value), labels), set())
                if (bound := _bound(labels.get("le", ""))) is not None:
                    own.add(bound)
    bounds = {
        key: exact(each, classic.get(key) or shown[key[0]] | known.get(key[0], frozenset()))
        for key, each in whole.items()
    }
    return [list(_page(rows, bounds)) for rows in answers]


def _page(rows: Rows, bounds: Mapping[Key, frozenset[float]]) -> Iterator[Sample]:
    there = {
        _key(labels.get("__name__", "").removesuffix(Part.COUNT.value), labels)
        for labels, value in rows
        if not isinstance(value, Histogram) and labels.get("__name__", "").endswith(Part.COUNT.value)
    }
    for labels, value in rows:
        own = dict(labels)
        name = own.pop("__name__", "")
        if not isinstance(value, Histogram):
            yield Sample(name, own, value, None)
        elif (key := _key(name, labels)) not in there:
            yield from samples(name, own, value, bounds[key])


def samples(name: str, labels: Mapping[str, str], value: Histogram, bounds: Iterable[float]) -> Iterator[Sample]:
    """One native histogram as a page shows it."""
    for bound, count in up_to(value, bounds).items():
        yield Sample(name + Part.BUCKET.value, {**labels, "le": le_text(bound)}, count, None)
    yield Sample(name + Part.COUNT.value, dict(labels), value.count, None)
    yield Sample(name + Part.SUM.value, dict(labels), value.sum, None)


def up_to(value: Histogram, bounds: Iterable[float]) -> dict[float, float]:
    """Observations at or under each bound, and of all."""
    found = {bound: math.fsum(n for _, high, n in value.buckets if high <= bound) for bound in sorted(bounds)}
    return {**found, math.inf: value.count}


def edges(value: Histogram) -> Iterator[float]:
    """The finite bounds of the buckets that hold something."""
    return (bound for low, high, _ in value.buckets for bound in (low, high) if math.isfinite(bound))


def exact(values: Iterable[Histogram], bounds: Iterable[float]) -> frozenset[float]:
    """The bounds up to which every one of these is known: no bucket that holds something spans them."""
    spans = {(low, high) for value in values for low, high, _ in value.buckets}
    return frozenset(bound for bound in bounds if not any(low < bound < high for low, high in spans))


def _key(name: str, labels: Mapping[str, str]) -> Key:
    return name, frozenset(pair for pair in labels.items() if pair[0] not in ("__name__", "le"))


def _bound(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
