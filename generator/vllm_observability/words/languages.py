"""The languages a report can speak: a gettext catalogue and the language's own form of numbers and moments.

Two languages need no locale database: Python's gettext reads the catalogues, and separators are all that differ.
"""

from __future__ import annotations

import gettext
from datetime import datetime, timezone
from functools import cache
from pathlib import Path

from vllm_observability.words.phrases import English, Language

LOCALE = Path(__file__).resolve().parent / "locale"
DOMAIN = "vllm_obs"
_SEPARATORS = str.maketrans(",.", ".,")


class Brazilian(English):
    """Portuguese of Brazil: decimal comma, points between thousands, day before month."""

    code = "pt-BR"
    _plain = English()

    def template(self, text: str) -> str:
        """The template's translation; an empty one would be the catalogue's own header."""
        return _catalogue("pt_BR").gettext(text) if text else text

    def grouped(self, number: float, digits: int = 0) -> str:
        """1.234,5 for 1,234.5."""
        return self._plain.grouped(number, digits).translate(_SEPARATORS)

    def significant(self, number: float, digits: int = 3) -> str:
        """As in English, with a decimal comma."""
        return self._plain.significant(number, digits).translate(_SEPARATORS)

    def moment(self, at: float) -> str:
        """31/12/2026 23:59:59 UTC."""
        return datetime.fromtimestamp(at, timezone.utc).strftime("%d/%m/%Y %H:%M:%S UTC")

    def day(self, at: float) -> str:
        """31/12."""
        return datetime.fromtimestamp(at, timezone.utc).strftime("%d/%m")


@cache
def _catalogue(locale: str) -> gettext.NullTranslations:
    return gettext.translation(DOMAIN, LOCALE, [locale])


LANGUAGES: dict[str, Language] = {"en": English(), "pt-BR": Brazilian()}
