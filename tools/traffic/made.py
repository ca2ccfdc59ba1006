"""`scorecard.py made`: an hour each of traffic that nobody recorded, in the form of the recorded one.

No bound was chosen by it. It shows whether what holds for recorded traffic holds for other shapes too.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import click

from vllm_observability.simulate.recorded import BLOCK

LASTS = 3600.0  # seconds
_TOOLS = 6  # blocks of a system prompt with tools, which all agents of a kind share
_KINDS = 5  # of agents

Line = tuple[float, int, int, tuple[int, ...]]  # seconds, prompt, output, blocks


def _length(random: Random, middle: float, spread: float, most: int) -> int:
    """Tokens: log-normal around a median."""
    return max(1, min(most, round(random.lognormvariate(math.log(middle), spread))))


def _arrivals(random: Random, rate: Callable[[float], float], top: float) -> Iterator[float]:
    """A Poisson process whose rate changes, by thinning; `top`: the highest rate."""
    at = random.expovariate(top)
    while at < LASTS:
        if random.random() * top < rate(at):
            yield at
        at += random.expovariate(top)


def agents(random: Random) -> Iterator[Line]:
    """Sessions of 5 to 25 turns: each sends all that went before, and what a tool said."""
    block = _KINDS * _TOOLS
    for begin in _arrivals(random, lambda _: 0.12, 0.12):
        kind = random.randrange(_KINDS)
        chain = list(range(kind * _TOOLS, (kind + 1) * _TOOLS))
        at, prompt = begin, _TOOLS * BLOCK + _length(random, 300, 0.8, 4000)
        for _ in range(random.randint(5, 25)):
            whole = prompt // BLOCK
            chain += range(block, block + whole - len(chain))
            block += 1 + whole
            output = _length(random, 150, 0.9, 2000)
            yield at, prompt, output, tuple(chain)
            prompt += output + _length(random, 700, 1.2, 12_000)
            at += output * 0.03 + random.expovariate(1 / 6)
            if prompt > 100_000 or at >= LASTS:
                break


def bursts(random: Random) -> Iterator[Line]:
    """Short answers; for 40 seconds of every seven minutes five times as many are asked."""
    for at in _arrivals(random, lambda now: 10.0 if now % 420 < 40 else 2.0, 10.0):
        yield at, _length(random, 500, 0.8, 8000), _length(random, 100, 0.7, 1000), ()


def summaries(random: Random) -> Iterator[Line]:
    """Prompts of 30,000 tokens, short answers."""
    for at in _arrivals(random, lambda _: 0.8, 0.8):
        yield at, _length(random, 30_000, 0.5, 110_000), _length(random, 180, 0.4, 800), ()


def reasoning(random: Random) -> Iterator[Line]:
    """Short prompts, answers of thousands of tokens."""
    for at in _arrivals(random, lambda _: 0.6, 0.6):
        yield at, _length(random, 250, 0.8, 4000), _length(random, 5000, 0.6, 16_000), ()


def lunch(random: Random) -> Iterator[Line]:
    """A day in an hour: quiet nights, peaks before and after lunch; short questions and a few long documents."""

    def rate(now: float) -> float:
        hour = now / LASTS * 24
        return 0.5 + 4 * math.exp(-(((hour - 11) / 1.5) ** 2)) + 3.5 * math.exp(-(((hour - 15) / 2) ** 2))

    for at in _arrivals(random, rate, 5.0):
        long = random.random() < 0.05
        yield at, _length(random, 12_000 if long else 400, 0.7, 60_000), _length(random, 200, 0.8, 2000), ()


MADE = {
    "made-agents": agents,
    "made-bursts": bursts,
    "made-lunch": lunch,
    "made-reasoning": reasoning,
    "made-summaries": summaries,
}


def text(name: str, seed: int) -> str:
    """The file: the same for one name and seed."""
    lines = sorted(MADE[name](Random(f"{name} {seed}")))
    rows = [f"{at:.3f},{prompt},{output},{' '.join(map(str, blocks))}".rstrip() for at, prompt, output, blocks in lines]
    return "\n".join(["seconds,prompt_tokens,output_tokens,blocks", *rows, ""])


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--seed", default=1, show_default=True)
def made(folder: Path, seed: int) -> None:
    """Write made traffic of five shapes into FOLDER, for `traffic`: agents, bursts, lunch, reasoning, summaries."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in MADE:
            (folder / f"{name}.csv").write_text(text(name, seed), encoding="utf-8")
    except OSError as error:
        sys.exit(f"{folder} can't be written: {error.strerror or error}")
