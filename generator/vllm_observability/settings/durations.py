"""Prometheus durations such as `90s`, `5m` or `1h30m`."""

from __future__ import annotations

import re

_UNITS = {"y": 31_536_000, "w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1, "ms": 0.001}
_LONGEST = 9_223_372_036  # seconds: Prometheus counts nanoseconds in 63 bits
_SHAPE = re.compile("".join(rf"(?:([0-9]+){unit})?" for unit in _UNITS))


def seconds(text: str) -> float | None:
    """Length in seconds; None for what Prometheus would not take, and for zero."""
    match = _SHAPE.fullmatch(text)
    if match is None or len(text) > 40:
        return None
    total = sum(int(number) * size for number, size in zip(match.groups(), _UNITS.values(), strict=True) if number)
    return total if 0 < total <= _LONGEST else None
