"""What an engine is asked: when requests come, and how long they are."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Literal

DAY = 86_400.0
Shape = Literal["steady", "bursts", "day"]


@dataclass(frozen=True)
class Traffic:
    """The requests that one engine gets.

    rate: requests per second, the mean over time; shape: how the rate moves (see SHAPES).
    clients: where above 0, that many clients ask one after the other, each after `think` seconds; rate is not used.
    prompt, output: mean tokens, both lognormal with sigma `spread`. max_tokens cuts outputs (finish reason length).
    prefixes: number of shared prompt beginnings (0: all differ); prefix_share: how much of a mean prompt they cover.
    errors, aborts, corrupted, bad: shares of requests that fail in the engine, are aborted, hold NaN, get a 4xx.
    patience: seconds after which a client that still waits hangs up; vLLM does not count such a request as aborted.
    """

    rate: float = 1.0
    shape: Shape = "steady"
    clients: int = 0
    think: float = 1.0
    prompt: float = 900.0
    output: float = 220.0
    spread: float = 0.6
    max_tokens: int = 1024
    prefixes: int = 20
    prefix_share: float = 0.4
    errors: float = 0.0
    aborts: float = 0.01
    corrupted: float = 0.0
    bad: float = 0.005
    patience: float = 60.0

    def rate_at(self, at: float) -> float:
        """Requests per second at a time."""
        return self.rate * SHAPES[self.shape](at)


def _bursts(at: float) -> float:
    """Five times the quiet rate for one minute in ten; the mean is 1."""
    return 5 / 1.4 if at % 600 < 60 else 1 / 1.4


def _day(at: float) -> float:
    """Little at night, most in the afternoon, half at weekends; the mean over seven days is 1."""
    wave = 0.5 - 0.5 * math.cos(2 * math.pi * (at % DAY - 3 * 3600) / DAY)
    return (0.15 + 1.76 * math.pow(wave, 1.3)) * (0.6 if at // DAY % 7 >= 5 else 1.25)


SHAPES: Mapping[str, Callable[[float], float]] = {"steady": lambda _: 1.0, "bursts": _bursts, "day": _day}
_PEAK = {"steady": 1.0, "bursts": 5 / 1.4, "day": 2.39}


@dataclass(slots=True)
class Request:
    """One request: what it asks, and how far the engine has come with it. Tokens and seconds."""

    arrival: float
    prompt: int
    output: int
    reason: str  # the finish reason it will have
    max_tokens: int
    prefix: int = -1  # which shared beginning, -1: none
    prefix_tokens: int = 0
    chain: tuple[int, ...] = ()  # nodes of the prompt's blocks, where it was recorded with them
    corrupted: bool = False
    queued: float = -1.0  # when the engine got it, where the API server took its time
    scheduled: float = -1.0  # first time in the batch
    first_token: float = -1.0
    last_token: float = -1.0
    produced: int = 0
    cached: int = 0
    preempted: int = 0
    left: float = -1.0  # when it was finished, refused, given up or lost


class Source:
    """Draws one engine's requests; the same seed gives the same ones."""

    def __init__(self, traffic: Traffic, longest: int, dice: Random, start: float) -> None:
        self.traffic, self.longest, self.dice = traffic, longest, dice
        self.next = start
        self._waiting_clients: list[float] = []
        self.change(traffic, start)

    def change(self, traffic: Traffic, now: float) -> None:
        """Other traffic from now on."""
        self.traffic = traffic
        if traffic.clients:
            known = len(self._waiting_clients)
            self._waiting_clients += [now + self.dice.random() * traffic.think for _ in range(traffic.clients - known)]
            self._waiting_clients.sort()
            self.next = self._waiting_clients[0] if self._waiting_clients else math.inf
        else:
            self.next = self._after(now)

    def _after(self, now: float) -> float:
        """The next arrival of a Poisson process whose rate moves: thinned from its peak rate."""
        traffic = self.traffic
        peak = traffic.rate * _PEAK[traffic.shape]
        if peak <= 0:
            return math.inf
        while True:
            now += self.dice.expovariate(peak)
            if traffic.shape == "steady" or self.dice.random() * peak <= traffic.rate_at(now):
                return now

    def done(self, now: float) -> None:
        """A client has its answer, and thinks before it asks again."""
        if self.traffic.clients:
            self._waiting_clients.append(now + self.dice.expovariate(1 / self.traffic.think))
            self._waiting_clients.sort()
            self.next = self._waiting_clients[0]

    def take(self) -> Request:
        """The request that arrives at `next`."""
        traffic, dice, arrival = self.traffic, self.dice, self.next
        if traffic.clients:
            self._waiting_clients.pop(0)
            self.next = self._waiting_clients[0] if self._waiting_clients else math.inf
        else:
            self.next = self._after(arrival)
        prompt = self._length(traffic.prompt, self.longest - 2)
        prefix, prefix_tokens = -1, 0
        if traffic.prefixes:
            # Some beginnings are far more common than others.
            prefix = min(int(dice.expovariate(4.0 / traffic.prefixes)), traffic.prefixes - 1)
            prefix_tokens = min(int(traffic.prefix_share * traffic.prompt), prompt - 1)
        wanted = self._length(traffic.output, 10**6)
        limit = min(traffic.max_tokens, self.longest - prompt)
        reason, output = ("stop", wanted) if wanted < limit else ("length", limit)
        luck = dice.random()
        if luck < traffic.errors:
            reason, output = "error", 1
        elif luck < traffic.errors + traffic.aborts:
            reason, output = "abort", max(1, int(output * dice.random()))
        return Request(
            arrival, prompt, output, reason, traffic.max_tokens, prefix, prefix_tokens,
            corrupted=traffic.corrupted > 0 and dice.random() < traffic.corrupted,
        )  # fmt: skip

    def _length(self, mean: float, most: int) -> int:
        sigma = self.traffic.spread
        return max(1, min(most, int(self.dice.lognormvariate(math.log(max(mean, 1.0)) - sigma * sigma / 2, sigma))))
