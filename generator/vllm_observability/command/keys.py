"""Single keys from a terminal, without waiting for Enter; nothing where there is none."""

from __future__ import annotations

import os
import select
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Wait = Callable[[float], str]  # a key that was pressed within so many seconds, or ""


def no_keys(seconds: float) -> str:
    """Waits."""
    time.sleep(seconds)
    return ""


@contextmanager
def keys() -> Iterator[Wait]:
    """Reads keys while it lasts; the terminal is as before afterwards."""
    try:
        import termios
        import tty

        descriptor = sys.stdin.fileno()
        before = termios.tcgetattr(descriptor)
    except (ImportError, OSError, ValueError):  # Windows, a pipe, or no standard input at all
        yield no_keys
        return
    except termios.error:
        yield no_keys
        return

    def wait(seconds: float) -> str:
        ready, _, _ = select.select([descriptor], [], [], max(0.0, seconds))
        return os.read(descriptor, 1).decode("ascii", "ignore") if ready else ""

    try:
        tty.setcbreak(descriptor)
        yield wait
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
