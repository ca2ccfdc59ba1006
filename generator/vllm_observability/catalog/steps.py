"""Numbers added up or counted in steps of time."""

from __future__ import annotations


def each_step(function: str, what: str, window: str, step: str, before: str = "") -> str:
    """A function over what there was at each step of a window that ended so long before.

    Each step counts once: at a round time a window of an hour would hold both of its ends on Prometheus 2, and thirteen
    steps of five minutes. It ends a millisecond earlier, because nobody asks a millisecond past a round time.
    """
    return f"{function}({what}[{window}:{step}] offset {before}1ms)"
