#!/usr/bin/env python3
"""How often the tuning board is right about what binds an engine: every story of the simulator, which knows it.

    python tools/binding.py [STORY…]     bundled stories or files; all of them where none is named
    python tools/binding.py --least 0.95 --jobs 2

Fails where a story's share of right minutes is under the least.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from multiprocessing import Pool

from harness.binding import confusion, held
from vllm_observability.simulate.story import load, names


def _of(name: str) -> tuple[str, Counter[tuple[str, str]]]:
    return name, confusion(load(name))


def main(arguments: list[str]) -> int:
    """Print a line a story."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stories", nargs="*", metavar="STORY")
    parser.add_argument("--least", type=float, default=0.95, help="share of the minutes that must be right")
    parser.add_argument("--jobs", type=int, default=1)
    given = parser.parse_args(arguments)
    low, everything = [], Counter[tuple[str, str]]()
    print(
        "| story | minutes | right | what bound them | shown wrongly (true > shown) |\n|---|---|---|---|---|",
        flush=True,
    )
    with Pool(given.jobs) as pool:
        for name, found in pool.imap(_of, given.stories or names()):
            everything += found
            low += [name] if held(found) < given.least else []
            print(_line(name, found), flush=True)
    print(_line("all", everything))
    if low:
        print(f"under {given.least:g}: {', '.join(low)}", file=sys.stderr)
    return 1 if low else 0


def _line(name: str, found: Counter[tuple[str, str]]) -> str:
    true = Counter[str]()
    for (bound, _), count in found.items():
        true[bound] += count
    wrong = Counter({pair: count for pair, count in found.items() if pair[0] != pair[1]})
    bound = ", ".join(f"{word} {count}" for word, count in true.most_common())
    besides = ", ".join(f"{one} > {other} {count}" for (one, other), count in wrong.most_common())
    return f"| {name} | {found.total()} | {100 * held(found):.1f} % | {bound} | {besides} |"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
