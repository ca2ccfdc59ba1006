"""Traffic of shapes that nobody fitted anything to: made by chance from what is known of such users, not recorded."""

from __future__ import annotations

import math
from collections.abc import Iterator
from random import Random

Requests = list[tuple[float, int, int]]
REQUESTS = 40_000


def _length(dice: Random, middle: float, spread: float) -> int:
    """A log-normal number of tokens."""
    return max(1, round(middle * math.exp(spread * dice.gauss(0.0, 1.0))))


def agents(dice: Random) -> Iterator[tuple[float, int, int]]:
    """Agents call tools: each turn sends all turns before it again, and waits for a tool's result."""
    start, made = 0.0, 0
    while made < REQUESTS:
        start += dice.expovariate(0.1)
        at, context = start, _length(dice, 1_500, 0.5)
        for _ in range(dice.randint(3, 25)):
            output = _length(dice, 120, 0.9)
            yield at, context, output
            made += 1
            context += output + _length(dice, 400, 1.0)
            at += output / 40 + _length(dice, 8, 1.0)


def summaries(dice: Random) -> Iterator[tuple[float, int, int]]:
    """Long documents, short answers that grow a little with them, in batches."""
    at = 0.0
    for _ in range(REQUESTS):
        at += dice.gammavariate(0.4, 2.5)
        size = dice.gauss(0.0, 1.0)
        prompt = round(4_000 * math.exp(0.6 * size))
        yield at, prompt, max(1, round(150 * math.exp(0.15 * size + 0.4 * dice.gauss(0.0, 1.0))))


def reasoning(dice: Random) -> Iterator[tuple[float, int, int]]:
    """Short questions, long chains of thought."""
    at = 0.0
    for _ in range(REQUESTS):
        at += dice.expovariate(1.0)
        yield at, _length(dice, 200, 0.9), _length(dice, 1_200, 0.7)


def chat(dice: Random) -> Iterator[tuple[float, int, int]]:
    """Chat whose load swings fourfold: days of people."""
    at = 0.0
    for _ in range(REQUESTS):
        at += dice.expovariate(1.0 + 0.6 * math.sin(2 * math.pi * at / 14_400))
        yield at, _length(dice, 500, 1.1), _length(dice, 220, 0.8)


def made() -> dict[str, Requests]:
    """Each shape in the order of time."""
    return {
        f"made: {shape.__name__}": sorted(shape(Random(shape.__name__)))
        for shape in (agents, summaries, reasoning, chat)
    }
