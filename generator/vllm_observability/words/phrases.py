"""Sentences as data: an English template and its values, put into words at the very end.

Report code says `say("{n} requests waiting", n=...)`; the template is the key of a translation, and numbers carry their
unit until a language writes them. Values that came from a page are neutralised on the way out.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Protocol, TypeAlias

from vllm_observability.model import Quality, Unit


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number to be shown, with unit and quality."""

    number: float
    unit: Unit
    quality: Quality = Quality.EXACT


Arg: TypeAlias = "str | int | Quantity | Phrase"


@dataclass(frozen=True, slots=True)
class Phrase:
    """A sentence: template and values."""

    text: str
    args: tuple[tuple[str, Arg], ...] = ()


def say(text: str, /, **args: Arg) -> Phrase:
    """A phrase; `text` is the English template with `{names}`."""
    return Phrase(text, tuple(args.items()))


class Language(Protocol):
    """How a language writes templates, numbers and moments."""

    code: str

    def write(self, phrase: Phrase) -> str: ...
    def quantity(self, q: Quantity) -> str: ...
    def significant(self, number: float, digits: int = 3) -> str: ...
    def moment(self, at: float) -> str: ...
    def day(self, at: float) -> str: ...
    def clock(self, at: float) -> str: ...


class English:
    """How English writes templates and numbers; other languages override both."""

    code = "en"

    def moment(self, at: float) -> str:
        """A point in time, given in Unix seconds."""
        return datetime.fromtimestamp(at, timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")

    def day(self, at: float) -> str:
        """The day of a point in time, in a few characters."""
        return datetime.fromtimestamp(at, timezone.utc).strftime("%m-%d")

    def clock(self, at: float) -> str:
        """The time of day of a point in time, to the minute."""
        return datetime.fromtimestamp(at, timezone.utc).strftime("%H:%M")

    def template(self, text: str) -> str:
        """The template in this language."""
        return text

    def write(self, phrase: Phrase) -> str:
        """The phrase in words."""
        return self.template(phrase.text).format(**{name: self.value(arg) for name, arg in phrase.args})

    def value(self, arg: Arg) -> str:
        """One value in words."""
        if isinstance(arg, Quantity):
            return self.quantity(arg)
        if isinstance(arg, Phrase):
            return self.write(arg)
        return self.grouped(arg) if isinstance(arg, int) else neutral(arg)

    def grouped(self, number: float, digits: int = 0) -> str:
        """A number with thousands separators."""
        return f"{number:,.{digits}f}"

    def significant(self, number: float, digits: int = 3) -> str:
        """A number to so many significant digits, without an exponent or needless zeros."""
        if number == 0:
            return "0"
        decimals = max(0, digits - 1 - math.floor(math.log10(abs(number))))
        text = self.grouped(number, decimals)
        return text.rstrip("0").rstrip(".") if "." in text else text

    def quantity(self, q: Quantity) -> str:
        """A number in its best unit, `< ` or `> ` where it is only a bound, `≈ ` where it is made of totals."""
        sign = {Quality.BELOW_FIRST: "< ", Quality.ABOVE_LAST: "> ", Quality.APPROXIMATE: "≈ "}.get(q.quality, "")
        return sign + self.measure(q.number, q.unit)

    def measure(self, number: float, unit: Unit) -> str:
        """A number in its best unit."""
        if unit is Unit.SECONDS:
            return self._seconds(number)
        if unit is Unit.RATIO:
            percent = number * 100
            # 99.97 % is not 100 %: the last digit of a share must not hide what is missing.
            shown = min(percent, 99.99) if percent < 100 and round(percent, 1) >= 100 else percent
            return f"{self.significant(shown, 4 if shown > 99 else 3)} %"
        if unit is Unit.BYTES:
            number = _rounded(number)
            for size, name in ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "KB")):
                if number >= size:
                    return f"{self.significant(number / size)} {name}"
            return f"{self.grouped(number)} B"
        if unit in (Unit.TOKENS_PER_SECOND, Unit.REQUESTS_PER_SECOND, Unit.PER_SECOND):
            return f"{self.significant(number)} {self.template(unit.value)}"
        whole = float(number).is_integer()
        return self.grouped(number) if whole else self.significant(number)

    def _seconds(self, number: float) -> str:
        number = _rounded(number)
        if number == 0:
            return "0 s"
        if number < 0.001:
            return f"{self.significant(number * 1e6)} µs"
        if number < 1:
            return f"{self.significant(number * 1e3)} ms"
        if number < 120:
            return f"{self.significant(number)} s"
        if number < 7200:
            return f"{self.significant(number / 60)} min"
        if number < 172_800:
            return f"{self.significant(number / 3600)} h"
        return f"{self.significant(number / 86_400)} d"


def _rounded(number: float) -> float:
    """To three digits before a unit is chosen: 999.6 ms is 1 s, not 1,000 ms."""
    return float(f"{number:.3g}")


# Control characters, those that reorder or hide text, halves of characters, and those that show nothing at all (the
# default ignorable ones of Unicode, with the tags of U+E0000, which can spell whole sentences): they could rewrite a
# terminal or fool a reader, also a reader that is a language model.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)


def visible(text: str) -> str:
    """Text in which characters that act, reorder or hide are shown as escapes."""
    return _UNSAFE.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def neutral(text: str, limit: int = 120) -> str:
    """Text from a page, safe to print: what `visible` does, and long text is cut."""
    safe = visible(text[: limit * 2])
    return safe if len(safe) <= limit and len(text) <= limit * 2 else safe[: limit - 1] + "…"
