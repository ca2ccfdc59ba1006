"""Recorded requests on a fleet's clock: who gets which, and when."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from random import Random

from vllm_observability.simulate.recorded import Asked, Trace
from vllm_observability.simulate.traffic import Request, Source, Traffic


class Replay(Source):
    """One engine's requests, as the feed deals them out: nothing is drawn but what the story lets fail."""

    def __init__(self, traffic: Traffic, longest: int, dice: Random) -> None:
        self.traffic, self.longest, self.dice = traffic, longest, dice
        self.pending: deque[Request] = deque()
        self.next = math.inf

    def change(self, traffic: Traffic, now: float) -> None:  # noqa: ARG002 - drawn traffic needs the time
        """Other clients from now on; what was dealt out still comes."""
        self.traffic = traffic

    def done(self, now: float) -> None:
        """Recorded clients come when they came, whatever became of their last request."""

    def deal(self, arrival: float, asked: Asked) -> None:
        """Let a request arrive, later than all before it. vLLM refuses a prompt that leaves no room for an answer."""
        limit = self.longest - asked.prompt
        output = min(asked.output, limit)
        reason = "bad" if limit < 1 else "stop" if output == asked.output else "length"
        self.pending.append(Request(arrival, asked.prompt, max(1, output), reason, max(1, limit), chain=asked.chain))
        self.next = self.pending[0].arrival

    def take(self) -> Request:
        """The request that arrives at `next`."""
        request, traffic = self.pending.popleft(), self.traffic
        self.next = self.pending[0].arrival if self.pending else math.inf
        if request.reason != "bad" and traffic.errors + traffic.aborts > 0:
            luck = self.dice.random()
            if luck < traffic.errors:
                request.reason, request.output = "error", 1
            elif luck < traffic.errors + traffic.aborts:
                request.reason, request.output = "abort", max(1, int(request.output * self.dice.random()))
        return request


class Feed:
    """Brings the requests of a trace in order of time, on a fleet's clock.

    After its last request the trace begins again, with prompts that share nothing with those of the round before.
    pace: seconds of the trace in one of the fleet's.
    """

    def __init__(self, trace: Trace, start: float, pace: float) -> None:
        self._trace, self._pace = trace, pace
        self._now, self._position = start, 0.0  # the fleet's clock, and the trace's
        self._next, self._round = 0, 0

    def until(self, until: float, factor: float = 1.0) -> Iterator[tuple[float, Asked]]:
        """What arrives before a time, with the time of its arrival, chains those of its round.

        factor: the traffic is so many times as fast as it was at first.
        """
        trace, pace = self._trace, self._pace * factor
        while pace > 0:
            asked = trace.requests[self._next]
            ahead = self._round * trace.seconds + asked.seconds - self._position
            arrival = self._now + max(0.0, ahead) / pace
            if arrival >= until:
                break
            shift = self._round * trace.nodes
            yield arrival, asked._replace(chain=tuple(node + shift for node in asked.chain)) if shift else asked
            self._next += 1
            if self._next == len(trace.requests):
                self._next, self._round = 0, self._round + 1
        self._position += (until - self._now) * pace
        self._now = until
