"""The trials of `compare` and `capacity`: what they play is what their tables say, or a table would prove nothing."""

from __future__ import annotations

from random import Random

import pytest

from harness.made_traffic import made
from harness.trial import Recorded, Replay, Run, asked, fitting


def _trace() -> Recorded:
    """Five thousand requests in an hour, four of five of them in its second half."""
    dice = Random(1)
    times = sorted([dice.uniform(0, 1800) for _ in range(1000)] + [dice.uniform(1800, 3600) for _ in range(4000)])
    return [(at, dice.randint(1, 6000), dice.randint(1, 500)) for at in times]


@pytest.mark.parametrize("begin", [0.0, 0.1, 0.45, 0.9])
@pytest.mark.parametrize("rate", [0.2, 1.5, 4.0])
def test_a_run_plays_the_rate_that_it_names(begin: float, rate: float) -> None:
    """Wherever in the trace it begins, and however often it goes round; the maximum is taken of the same requests."""
    trace = fitting(_trace(), "4b-consumer")
    run = Run("4b-consumer", "graphs", rate, begin=begin, engines=2, minutes=10.0)
    played = []
    for number in range(run.engines):
        source = Replay(trace, (number, run.engines), run.stretch(trace), run.begin)
        while source.next < run.seconds:
            one = source.take()
            assert one.prompt + one.output < 4096
            played.append((one.prompt, one.output))

    assert rate * 2 * 720 == pytest.approx(len(played), abs=2)
    want, found = sorted(pair for _, *pair in map(list, asked(trace, run))), sorted(map(list, played))
    assert abs(len(want) - len(found)) <= 2
    assert sum(prompt for prompt, _ in want) == pytest.approx(sum(prompt for prompt, _ in found), abs=2 * 4096)


def test_made_traffic_comes_in_order_and_is_the_same_each_time() -> None:
    """Four shapes."""
    first, again = made(), made()
    assert first == again
    assert 4 == len(first)
    for requests in first.values():
        assert requests == sorted(requests)
        assert min(min(prompt, output) for _, prompt, output in requests) > 0
