"""Recorded requests: the project's own form, Azure's CSV and Mooncake's JSONL, read into one record."""

from __future__ import annotations

import gzip
import json
import math
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

BLOCK = 512  # prompt tokens that one id in `blocks` or `hash_ids` stands for
_ENDINGS = (".csv", ".csv.gz", ".jsonl", ".jsonl.gz")
_OWN = ("seconds", "prompt_tokens", "output_tokens")
_AZURE = ("timestamp", "contexttokens", "generatedtokens")
_TIME = re.compile(r"(\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)?")


class TraceError(ValueError):
    """What is wrong with a trace, in one sentence."""


class Asked(NamedTuple):
    """One request: seconds from the trace's start, tokens, and the prompt's beginning as nodes of a tree.

    chain: one number for each whole block of the prompt; two requests share a number where their prompts are equal up
    to the end of that block. Empty where the source has no blocks.
    """

    seconds: float
    prompt: int
    output: int
    chain: tuple[int, ...] = ()


@dataclass(frozen=True)
class Trace:
    """Requests in order of time. `nodes`: how many numbers the chains use."""

    name: str
    requests: tuple[Asked, ...]
    nodes: int = 0

    @property
    def seconds(self) -> float:
        """How long it lasts: up to the last request, and a mean gap more."""
        last, count = self.requests[-1].seconds, len(self.requests)
        return last + last / (count - 1) if count > 1 and last > 0 else last + 1.0

    @property
    def rate(self) -> float:
        """Requests per second, the mean."""
        return len(self.requests) / self.seconds

    @property
    def longest(self) -> int:
        """Tokens of the longest request, prompt and output."""
        return max(asked.prompt + asked.output for asked in self.requests)


def read_all(path: Path) -> list[Trace]:
    """The trace in a file, or every trace in a folder, by name; TraceError where there is none."""
    if not path.is_dir():
        return [read(path)]
    found = [one for one in sorted(path.iterdir()) if one.is_file() and one.name.endswith(_ENDINGS)]
    if not found:
        raise TraceError(f"{path} has no traces: no file there ends in {', '.join(_ENDINGS)}.")
    return [read(one) for one in found]


def read(path: Path) -> Trace:
    """The trace in a file, whichever of the three forms it has; TraceError names the line that can't be read."""
    lines = _lines(path)
    number, first = next(lines, (0, ""))
    if not number:
        raise TraceError(f"{path.name} is empty.")
    columns = tuple(cell.strip().lower() for cell in first.split(","))
    grown = _Tree()
    if first.startswith("{"):
        rows = _parsed(path, _chained([(number, first)], lines), lambda line: _mooncake(line, grown))
    elif columns[:3] == _OWN and columns[3:] in ((), ("blocks",)):
        rows = _parsed(path, lines, lambda line: _own(line, grown, len(columns)))
    elif set(_AZURE) <= set(columns):
        places = [columns.index(name) for name in _AZURE]
        rows = _parsed(path, lines, lambda line: _azure(line, places, len(columns)))
    else:
        raise TraceError(
            f"{path.name}, line {number}: this is no trace. Its first line is neither seconds,prompt_tokens,"
            "output_tokens[,blocks], nor Azure's TIMESTAMP,ContextTokens,GeneratedTokens, nor Mooncake's JSON."
        )
    if not rows:
        raise TraceError(f"{path.name} has no requests.")
    rows.sort(key=lambda asked: asked.seconds)
    if columns[:3] != _OWN:  # others count from a date, or from the start of a longer recording
        begin = rows[0].seconds
        rows = [asked._replace(seconds=round(asked.seconds - begin, 6)) for asked in rows]
    return Trace(_stem(path), tuple(_within_ticks(rows)), len(grown))


def _within_ticks(rows: Sequence[Asked]) -> Iterator[Asked]:
    """Spread the requests of one moment evenly over a tick of the clock that recorded them.

    A clock that ticks every three seconds, as Mooncake's, did not see them come at once. The tick is the shortest time
    between two moments; where it is long, they were recorded to the tick.
    """
    moments = Counter(asked.seconds for asked in rows)
    times = sorted(moments)
    tick = min((later - earlier for earlier, later in pairwise(times)), default=0.0)
    seen = Counter[float]()
    for asked in rows:
        yield asked._replace(seconds=asked.seconds + tick * seen[asked.seconds] / moments[asked.seconds])
        seen[asked.seconds] += 1


def _stem(path: Path) -> str:
    return path.name.removesuffix(".gz").removesuffix(".csv").removesuffix(".jsonl")


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Number and text of each line that is not blank."""
    try:
        raw = path.read_bytes()
        if raw[:2] == b"\x1f\x8b":
            raw = gzip.decompress(raw)
        text = raw.decode("utf-8-sig")
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise TraceError(f"{path.name} is gzipped, and damaged.") from None
    except UnicodeDecodeError:
        raise TraceError(f"{path.name} is no text in UTF-8.") from None
    except OSError as error:
        raise TraceError(f"{path} can't be read: {error.strerror or error}.") from None
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield number, line.strip()


def _chained(first: Sequence[tuple[int, str]], rest: Iterator[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    yield from first
    yield from rest


def _parsed(path: Path, lines: Iterator[tuple[int, str]], one: Callable[[str], Asked]) -> list[Asked]:
    found = []
    for number, line in lines:
        try:
            asked = one(line)
            if not math.isfinite(asked.seconds) or asked.seconds < 0:
                raise ValueError("the time is not a number of seconds from 0 on")
            if asked.prompt < 0 or asked.output < 0:
                raise ValueError("a number of tokens is below 0")
        except (ValueError, OverflowError) as error:
            raise TraceError(f"{path.name}, line {number}: {error}.") from None
        found.append(asked if asked.prompt and asked.output else _at_least_one(asked))
    return found


def _at_least_one(asked: Asked) -> Asked:
    """An engine makes a token for every request, and none is without a prompt."""
    return asked._replace(prompt=max(1, asked.prompt), output=max(1, asked.output))


# -------------------------------------------------------------------------------------------------- forms


@dataclass
class _Tree:
    """Numbers for beginnings of prompts: a child of a node is a block after the beginning that the node stands for."""

    _numbers: dict[tuple[int, object], int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._numbers)

    def chain(self, ids: Sequence[object], prompt: int) -> tuple[int, ...]:
        """Nodes of the whole blocks of a prompt; the last block, where it is not full, can't be reused."""
        node, found = -1, []
        for one in ids[: prompt // BLOCK]:
            node = self._numbers.setdefault((node, one), len(self._numbers))
            found.append(node)
        return tuple(found)


def _own(line: str, tree: _Tree, columns: int) -> Asked:
    cells = line.split(",")
    if len(cells) != columns:
        raise ValueError(f"{len(cells)} values where the first line names {columns}")
    prompt = _whole(cells[1])
    return Asked(_number(cells[0]), prompt, _whole(cells[2]), tree.chain("".join(cells[3:]).split(), prompt))


def _azure(line: str, places: Sequence[int], columns: int) -> Asked:
    cells = line.split(",")
    if len(cells) != columns:
        raise ValueError(f"{len(cells)} values where the first line names {columns}")
    when, prompt, output = (cells[place].strip() for place in places)
    return Asked(_moment(when), _whole(prompt), _whole(output))


def _mooncake(line: str, tree: _Tree) -> Asked:
    try:
        row = json.loads(line)
    except (json.JSONDecodeError, RecursionError):
        raise ValueError("no JSON object") from None
    if not isinstance(row, Mapping):
        raise ValueError("no JSON object")
    missing = [name for name in ("timestamp", "input_length", "output_length") if name not in row]
    if missing:
        raise ValueError(f"it has no {missing[0]}")
    when, ids = row["timestamp"], row.get("hash_ids") or []
    if isinstance(when, bool) or not isinstance(when, int | float):
        raise ValueError("timestamp is not a number of milliseconds")
    if not isinstance(ids, list) or not all(isinstance(one, int | str) for one in ids):
        raise ValueError("hash_ids is not a list of numbers")
    tokens = [row["input_length"], row["output_length"]]
    if not all(isinstance(count, int) and not isinstance(count, bool) for count in tokens):
        raise ValueError("a length is not a whole number of tokens")
    return Asked(when / 1000, tokens[0], tokens[1], tree.chain(ids, tokens[0]))


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"{text.strip()[:40]!r} is no number of seconds") from None


def _whole(text: str) -> int:
    if not text.strip().isdecimal() or len(text) > 15:
        raise ValueError(f"{text.strip()[:40]!r} is no whole number of tokens")
    return int(text)


def _moment(text: str) -> float:
    """Unix seconds of a date; without a zone, as Azure's first traces are, it counts as UTC."""
    match = _TIME.fullmatch(text)
    if not match:
        raise ValueError(f"{text[:40]!r} is no date such as 2023-11-16 18:15:46.68")
    day, fraction, zone = match.groups()
    whole = datetime.fromisoformat(day + ("+00:00" if zone in (None, "Z") else zone))
    return whole.timestamp() + float(fraction or 0)
