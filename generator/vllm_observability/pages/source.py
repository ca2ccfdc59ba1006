"""Where the numbers of a report come from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Source:
    """Where the numbers come from. `at` is when the (later) page was made, Unix seconds, None where unknown.

    `notes` are warnings and remarks of the server that was asked, safe to print.
    """

    kind: Literal["file", "url", "prometheus", "pair"]
    name: str
    window_seconds: float | None = None
    uptime_seconds: float | None = None
    at: float | None = None
    notes: tuple[str, ...] = ()
