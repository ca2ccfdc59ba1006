"""Growth of a histogram between two scrapes: cumulative, whatever a page has lost or says wrongly."""

from __future__ import annotations

import math

import pytest

from vllm_observability.intervals.growth import Reading, intervals

BEFORE = {1.0: 10.0, 8.0: 60.0, math.inf: 100.0}
AFTER = {1.0: 12.0, 8.0: 90.0, math.inf: 140.0}


def _grown(before: dict[float, float], after: dict[float, float]) -> dict[float, float]:
    readings = [Reading(at, {"steps": at}, {}, {"step": found}) for at, found in ((0.0, before), (15.0, after))]
    (one,) = intervals(readings, "engine 0", "here")
    return dict(one.buckets["step"])


def test_growth_is_the_difference() -> None:
    """Bound by bound; of a histogram that begins, all of it."""
    assert {1.0: 2.0, 8.0: 30.0, math.inf: 40.0} == _grown(BEFORE, AFTER)
    assert AFTER == _grown({}, AFTER)


@pytest.mark.parametrize("bound", list(BEFORE))
def test_a_bound_that_one_scrape_lacks_is_left_out(bound: float) -> None:
    """It did not begin at 0 where the others did not."""
    less = {each: count for each, count in BEFORE.items() if each != bound}
    assert bound not in _grown(less, AFTER)
    assert bound not in _grown(AFTER, less)


@pytest.mark.parametrize("bound", list(BEFORE))
@pytest.mark.parametrize("value", [0.0, 1e29])
def test_growth_never_falls_from_bound_to_bound(bound: float, value: float) -> None:
    """Shares of it are shares then."""
    counts = list(_grown(BEFORE, {**AFTER, bound: value}).values())
    assert counts == sorted(counts)
    assert counts[0] >= 0
