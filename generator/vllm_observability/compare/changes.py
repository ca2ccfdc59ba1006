"""What else is not the same between two sides: version by names, cache configuration, metrics that come or go."""

from __future__ import annotations

from collections.abc import Iterator

from vllm_observability.compare.records import Change
from vllm_observability.doctor.upgrade import upgrade
from vllm_observability.intervals import Side
from vllm_observability.pages.snapshot import Snapshot
from vllm_observability.settings import Settings


def changes(
    before: Side, after: Side, pages: tuple[Snapshot, Snapshot] | None = None, settings: Settings | None = None
) -> tuple[Change, ...]:
    """Everything that differs; `pages` (the last one of each side) tell what an upgrade empties."""
    return tuple(_found(before, after, pages, settings or Settings()))


def _found(before: Side, after: Side, pages: tuple[Snapshot, Snapshot] | None, settings: Settings) -> Iterator[Change]:
    versions = [_versions(side) for side in (before, after)]
    if versions[0] != versions[1]:
        yield Change("version", "vLLM", versions[0], versions[1])
    if len(before.engines) != len(after.engines):
        yield Change("engines", "engines", str(len(before.engines)), str(len(after.engines)))
    yield from _configuration(before, after)
    if pages is None:
        return
    found = upgrade(pages[0], pages[1], settings)
    for name in found.lost:
        yield Change("metric-gone", name, "shown", "not shown")
    for name in found.gained:
        yield Change("metric-new", name, "not shown", "shown")
    for old, new in found.renamed:
        yield Change("metric-renamed", old, old, new)
    for of, why in found.emptied:
        yield Change("emptied", of, "has data", why)


def _versions(side: Side) -> str:
    ranges = sorted({engine.versions for engine in side.engines}, key=str)
    return ", ".join(f"{low or '?'} to {high or 'newest'}" for low, high in ranges)


def _configuration(before: Side, after: Side) -> Iterator[Change]:
    """Labels of cache_config_info; several values where engines of a side differ."""
    labels = sorted({label for side in (before, after) for engine in side.engines for label in engine.config})
    for label in labels:
        old, new = (
            ", ".join(sorted({engine.config.get(label, "not shown") for engine in side.engines}))
            for side in (before, after)
        )
        if old != new:
            yield Change("configuration", label, old, new)
