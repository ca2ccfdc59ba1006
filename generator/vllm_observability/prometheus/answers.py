"""The answer of a query API -> typed values; whatever else a server answers is named in one sentence.

Prometheus, VictoriaMetrics, Thanos, Mimir, Cortex and managed services answer in one form, with differences that are
read here: `time()` as a vector or a scalar, native histograms, warnings, answers that are only a part.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, cast

Kind = Literal["vector", "matrix", "scalar", "string"]
KINDS = ("vector", "matrix", "scalar", "string")


@dataclass(frozen=True, slots=True)
class Histogram:
    """A native histogram: how many observations, their sum, and its buckets as (from, to, observations).

    Counts are floats, as the API gives them. `buckets` is empty where there was no observation.
    """

    count: float
    sum: float
    buckets: tuple[tuple[float, float, float], ...] = ()


Value: TypeAlias = "float | Histogram"


@dataclass(frozen=True, slots=True)
class Row:
    """One series: its labels, and (Unix seconds, value) of each sample; of an instant vector there is one."""

    labels: Mapping[str, str]
    points: tuple[tuple[float, Value], ...]


@dataclass(frozen=True)
class Answer:
    """What was asked for. A scalar is one row without labels; `text` is that of a string.

    `notes` are the server's own warnings and remarks; raw, so neutralise them before they are shown.
    """

    kind: Kind
    rows: tuple[Row, ...] = ()
    text: str = ""
    notes: tuple[str, ...] = ()


class NoAnswer(ValueError):
    """Why a body is no answer of a query API: words that follow the server's address, and hold nothing from outside."""


class Refusal(NoAnswer):
    """The server says that it did not do it; `said` is its own reason, raw."""

    def __init__(self, said: str) -> None:
        super().__init__("the server gives an error")
        self.said = said


def read_answer(raw: bytes) -> Answer:
    """An answer of /api/v1/query or /api/v1/query_range; NoAnswer for any other bytes, never another exception."""
    answer = read_json(raw)
    data = answer.get("data")
    if not isinstance(data, dict):
        raise NoAnswer("its answer has no data")
    kind, result = data.get("resultType"), data.get("result")
    if kind not in KINDS:
        raise NoAnswer("its answer is of no kind that a query has")
    notes = _notes(answer)
    if kind in ("scalar", "string"):
        at, value = _pair(result)
        if kind == "string":
            return Answer("string", text=_text(value), notes=notes)
        return Answer("scalar", (Row({}, ((at, _number(value)),)),), notes=notes)
    # Some servers write an empty list as null.
    rows = [] if result is None else result
    if not isinstance(rows, list):
        raise NoAnswer("its result is not a list")
    return Answer(cast(Kind, kind), tuple(_row(row, kind) for row in rows), notes=notes)


def read_json(raw: bytes) -> dict[str, Any]:
    """The object that every endpoint answers with, where it says success; NoAnswer otherwise."""
    start = raw[:200].lstrip()
    if not start:
        raise NoAnswer("its answer is empty")
    if start.startswith(b"<"):
        raise NoAnswer("its answer is a web page (HTML): a login, a proxy's error page, or another program")
    try:
        answer = json.loads(raw)
    except (ValueError, RecursionError):  # no JSON, no UTF-8, a number of thousands of digits, lists without end
        raise NoAnswer("its answer is cut, or not the JSON of a Prometheus") from None
    if not isinstance(answer, dict) or "status" not in answer:
        raise NoAnswer("its answer is JSON, but not that of a Prometheus")
    if answer["status"] != "success":
        raise Refusal(reason(raw) or "no reason given")
    return cast("dict[str, Any]", _sound(answer) if _SURROGATE.search(raw) else answer)


def reason(raw: bytes) -> str:
    """The reason in the body of a refusal, raw; empty where it has none, or is a web page.

    Prometheus and its kin write `error`, Amazon `message`, Google and Azure an object with a `message`; others plain
    text.
    """
    try:
        answer = json.loads(raw)
    except (ValueError, RecursionError):
        text = raw.decode("utf-8", "replace").strip()
        return "" if text.startswith("<") else text
    for _ in range(3):
        if isinstance(answer, str):
            return answer
        if not isinstance(answer, dict):
            break
        answer = answer.get("error") or answer.get("message") or answer.get("Message")
    return ""


# ---------------------------------------------------------------------------------------------- pieces

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[+-]?Inf|NaN", re.ASCII)
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def _sound(value: Any) -> Any:
    """Without halves of characters, which could neither be shown nor asked for."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_sound(each) for each in value]
    if isinstance(value, dict):
        return {_sound(key): _sound(each) for key, each in value.items()}
    return value


def _notes(answer: Mapping[str, Any]) -> tuple[str, ...]:
    found: list[str] = []
    for key in ("warnings", "infos"):
        said = answer.get(key)
        found += [text for text in said if isinstance(text, str)] if isinstance(said, list) else []
    if answer.get("isPartial") is True:  # a cluster of VictoriaMetrics with a node that is down
        found.append("the answer is partial: some of its storage did not answer")
    return tuple(dict.fromkeys(found))


def _row(row: Any, kind: str) -> Row:
    if not isinstance(row, dict):
        raise NoAnswer("a series in its answer is not an object")
    labels = row.get("metric", {})
    if not isinstance(labels, dict) or not all(isinstance(value, str) for value in labels.values()):
        raise NoAnswer("a series in its answer has labels that are not text")
    return Row(labels, tuple(_vector_point(row) if kind == "vector" else _matrix_points(row)))


def _vector_point(row: Mapping[str, Any]) -> Iterator[tuple[float, Value]]:
    if "value" in row:
        at, value = _pair(row["value"])
        yield at, _number(value)
    elif "histogram" in row:
        at, value = _pair(row["histogram"])
        yield at, _histogram(value)
    else:
        raise NoAnswer("a series in its answer has no value")


def _matrix_points(row: Mapping[str, Any]) -> Iterator[tuple[float, Value]]:
    found = False
    for key in ("values", "histograms"):
        points = row.get(key)
        if points is None:
            continue
        if not isinstance(points, list):
            raise NoAnswer("a series in its answer has no list of values")
        found = True
        for point in points:
            at, value = _pair(point)
            yield at, _number(value) if key == "values" else _histogram(value)
    if not found:
        raise NoAnswer("a series in its answer has no values")


def _pair(point: Any) -> tuple[float, Any]:
    """Unix seconds and what is said of them."""
    if not isinstance(point, list) or len(point) != 2:
        raise NoAnswer("a value in its answer is not a time and a number")
    at = _number(point[0])
    if not math.isfinite(at):
        raise NoAnswer("a value in its answer has no time")
    return at, point[1]


def _number(value: Any) -> float:
    """Numbers come as text, so that NaN and Inf can be said; some servers write plain ones."""
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return float(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError:  # a whole number of hundreds of digits
            return math.inf if value > 0 else -math.inf
    raise NoAnswer("a value in its answer is not a number")


def _histogram(value: Any) -> Histogram:
    if not isinstance(value, dict):
        raise NoAnswer("a histogram in its answer is not an object")
    buckets = value.get("buckets") or []
    if not isinstance(buckets, list) or not all(isinstance(one, list) and len(one) == 4 for one in buckets):
        raise NoAnswer("a histogram in its answer has buckets that are none")
    # The first of the four says which of its two bounds belong to a bucket.
    return Histogram(
        _number(value.get("count")),
        _number(value.get("sum")),
        tuple((_number(low), _number(high), _number(count)) for _, low, high, count in buckets),
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise NoAnswer("a value in its answer is not text")
    return value
