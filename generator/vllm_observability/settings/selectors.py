"""PromQL matchers as text, `label="value",label=~"regex"`: read, or refused for what Prometheus would refuse."""

from __future__ import annotations

import re

from vllm_observability.pages.matching import regex_problem

_MATCHER = re.compile(r'\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*"((?:[^"\\\n]|\\.)*)"\s*')
_ESCAPE = re.compile(r'\\(?:([abfnrtv\\"])|x([0-9a-fA-F]{2})|([0-3][0-7]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))')
_PLAIN = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\", '"': '"'}


class SelectorError(ValueError):
    """What is wrong with matchers, in words that follow the matchers themselves."""


def matchers(text: str) -> tuple[tuple[str, str, str], ...]:
    """(label, operator, value) of each matcher, values as Prometheus sees them; SelectorError for what it refuses."""
    found, at = [], 0
    while at < len(text):
        match = _MATCHER.match(text, at)
        if match is None or text[match.end() : match.end() + 1] not in ("", ","):
            raise SelectorError('is not of the form label="value",label=~"regex"')
        label, op, quoted = match.groups()
        value = unescaped(quoted)
        if op in ("=~", "!~") and (problem := regex_problem(value)):
            raise SelectorError(f"has no regular expression that Prometheus takes at {label} ({problem})")
        found.append((label, op, value))
        at = match.end() + 1
    if text.endswith(",") or (text and not found):
        raise SelectorError('is not of the form label="value",label=~"regex"')
    return tuple(found)


def unescaped(quoted: str) -> str:
    """What stands between double quotes, as PromQL reads it; SelectorError for an escape that it doesn't know."""
    return _ESCAPE.sub(_character, quoted)


def _character(match: re.Match[str]) -> str:
    plain, hexadecimal, octal, short, long, _ = match.groups()
    if plain:
        return _PLAIN[plain]
    code = int(octal, 8) if octal else int(hexadecimal or short or long or "110000", 16)  # beyond the last character
    if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        raise SelectorError(f"has {match[0]} in a string, which PromQL doesn't know; write a backslash twice: \\\\")
    return chr(code)
