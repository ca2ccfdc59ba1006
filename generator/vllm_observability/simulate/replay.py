"""Recorded requests on a fleet's clock: who gets which, and when."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
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

    def deal(self, arrival: float, asked: Asked, chain: tuple[int, ...]) -> None:
        """Let a request arrive, later than all before it. vLLM refuses a prompt that leaves no room for an answer."""
        limit = self.longest - asked.prompt
        output = min(asked.output, limit)
        reason = "bad" if limit < 1 else "stop" if output == asked.output else "length"
        self.pending.append(Request(arrival, asked.prompt, max(1, output), reason, max(1, limit), chain=chain))
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
    """Deals the requests of a trace out to a model's engines at random, as a Kubernetes Service does.

    After its last request the trace begins again, with prompts that share nothing with those of the round before.
    pace: seconds of the trace in one of the fleet's.
    """

    def __init__(self, trace: Trace, start: float, pace: float, dice: Random) -> None:
        self._trace, self._pace, self._dice = trace, pace, dice
        self._now, self._position = start, 0.0  # the fleet's clock, and the trace's
        self._next, self._round = 0, 0

    def deal(self, sources: Sequence[Replay], until: float, factor: float = 1.0) -> list[tuple[float, Asked]]:
        """Deal out what arrives before a time; without a source nobody takes it, and it is given back.

        factor: the traffic is so many times as fast as it was at first.
        """
        trace, pace, refused = self._trace, self._pace * factor, []
        if pace > 0:
            while True:
                asked = trace.requests[self._next]
                ahead = self._round * trace.seconds + asked.seconds - self._position
                arrival = self._now + max(0.0, ahead) / pace
                if arrival >= until:
                    break
                if sources:
                    chain, shift = asked.chain, self._round * trace.nodes
                    source = sources[int(self._dice.random() * len(sources))]
                    source.deal(arrival, asked, tuple(node + shift for node in chain) if shift else chain)
                else:
                    refused.append((arrival, asked))
                self._next += 1
                if self._next == len(trace.requests):
                    self._next, self._round = 0, self._round + 1
            self._position += (until - self._now) * pace
        self._now = until
        return refused
