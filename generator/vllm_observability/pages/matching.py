"""Regular expressions as Prometheus reads them: RE2, on the whole text. Python's `re` takes others, and fewer."""

from __future__ import annotations

import re

import re2

_OPTIONS = re2.Options()
_OPTIONS.log_errors = False  # they are raised, and need not stand on standard error too
# RE2 in C++ takes these; Go's, which is Prometheus' own, doesn't (the second only since Go 1.22).
_NOT_IN_GO = re.compile(r"(?<!\\)(?:\\\\)*(\\C|\(\?<)")


def regex_problem(pattern: str) -> str | None:
    """Why Prometheus would refuse a regular expression; None where it takes it."""
    try:
        re2.compile(pattern, _OPTIONS)
    except re2.error as error:
        reason = error.args[0] if error.args else ""
        return reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
    except UnicodeEncodeError:
        return "it is not UTF-8 text"
    unknown = _NOT_IN_GO.search(pattern)
    return f"it has no {unknown[1]}" if unknown else None


def matches_whole(pattern: str, text: str) -> bool:
    """As `=~` in PromQL. `pattern` has passed `regex_problem`."""
    try:
        return re2.fullmatch(pattern, text, _OPTIONS) is not None
    except UnicodeEncodeError:  # half a surrogate pair, which no page can hold
        return False
