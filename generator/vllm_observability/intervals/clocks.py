"""Whether the time between scrapes fits the time that engines measured themselves."""

from __future__ import annotations

from vllm_observability.intervals.records import Side
from vllm_observability.pages.sources import SourceError

TIMES = 2.5  # gauges are seen at scrapes only; a clock that is off by less goes unnoticed


def check_clock(side: Side) -> None:
    """SourceError where more requests were in decode on average, by the engines' clocks, than ever ran.

    Seconds between tokens, summed over requests, are requests in decode times seconds: Little's law.
    """
    intervals = [i for i in side.intervals if "running" in i.gauges]
    seconds = sum(i.seconds for i in intervals)
    if seconds <= 0:
        return
    decoding = sum(i.get("gap_seconds") for i in intervals) / seconds
    running = sum(i.gauges["running"] * i.seconds for i in intervals) / seconds
    if decoding > TIMES * (running + 1):
        raise SourceError(
            f"{side.name}: by the engines' clocks {decoding:.1f} requests were in decode on average, and "
            f"{running:.1f} ran: the clock of the pages' names or dates is not that of the engines"
        )
