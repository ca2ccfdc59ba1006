"""Plain data -> Jsonnet text, as jsonnetfmt writes it; stand-ins in the data become expressions."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from json.encoder import encode_basestring

_IDENTIFIER = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_KEYWORDS = frozenset(
    (
        "assert else error false for function if import importbin importstr in local null self super tailstrict then "
        "true"
    ).split()
)


@dataclass(frozen=True)
class Code:
    """An expression, to be written as it is."""

    text: str


@dataclass(frozen=True)
class StandIns:
    """What stands in data for something that is known only when the Jsonnet is evaluated.

    texts: parts of strings (and of keys) -> expression of a string.
    numbers: number -> expression of a number.
    optional: whole strings or numbers -> expression; where it is null, the key is not there.
    """

    texts: Mapping[str, str] = field(default_factory=dict)
    numbers: Mapping[float, str] = field(default_factory=dict)
    optional: Mapping[str | float, str] = field(default_factory=dict)

    @property
    def pattern(self) -> re.Pattern[str]:
        """Any stand-in within a string, the longest first."""
        return re.compile("|".join(re.escape(text) for text in sorted(self.texts, key=len, reverse=True)) or r"(?!)")


def jsonnet_text(data: object, stand_ins: StandIns, *, folded_from: int = 100) -> str:
    """An expression for the data; what lies `folded_from` levels deep or deeper is on one line."""
    return _Writer(stand_ins, stand_ins.pattern, 2 * folded_from).value(data, 0)


@dataclass(frozen=True)
class _Writer:
    stand_ins: StandIns
    pattern: re.Pattern[str]
    folded_from: int  # spaces of indentation

    def value(self, data: object, indent: int) -> str:
        if isinstance(data, Code):
            return data.text
        if isinstance(data, str):
            return self._string(data)
        if isinstance(data, Mapping):
            return self._listed("{", [self._field(key, item, indent + 2) for key, item in data.items()], "}", indent)
        if isinstance(data, (list, tuple)):
            return self._listed("[", [self.value(item, indent + 2) for item in data], "]", indent)
        if isinstance(data, float) and data in self.stand_ins.numbers:
            return self.stand_ins.numbers[data]
        return json.dumps(data)

    def _listed(self, opening: str, items: list[str], closing: str, indent: int) -> str:
        if not items:
            return opening + closing
        if indent >= self.folded_from:
            pad = " " if opening == "{" else ""
            return f"{opening}{pad}{', '.join(items)}{pad}{closing}"
        inner = "".join(f"{' ' * (indent + 2)}{item},\n" for item in items)
        return f"{opening}\n{inner}{' ' * indent}{closing}"

    def _field(self, key: str, item: object, indent: int) -> str:
        expression = self.stand_ins.optional.get(item) if isinstance(item, (str, float)) else None
        if expression:
            return f"[if {expression} != null then {quoted(key)}]: {expression}"
        written = self.value(item, indent)
        if self.pattern.search(key):
            return f"[{self._string(key)}]: {written}"
        plain = _IDENTIFIER.fullmatch(key) and key not in _KEYWORDS
        return f"{key if plain else quoted(key)}: {written}"

    def _string(self, text: str) -> str:
        parts, at = [], 0
        for match in self.pattern.finditer(text):
            if match.start() > at:
                parts.append(quoted(text[at : match.start()]))
            parts.append(self.stand_ins.texts[match[0]])
            at = match.end()
        if at < len(text) or not parts:
            parts.append(quoted(text[at:]))
        return " + ".join(parts)


def quoted(text: str) -> str:
    """A string literal: in single quotes, unless it holds some and no double ones."""
    escaped = encode_basestring(text)[1:-1]
    if "'" in text and '"' not in text:
        return f'"{escaped}"'
    return "'" + escaped.replace('\\"', '"').replace("'", "\\'") + "'"
