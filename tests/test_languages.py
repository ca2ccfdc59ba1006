"""Every sentence of a report is in every language, with the same blanks, and the compiled catalogues are fresh."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from compile_locales import compiled
from harness.programs import ROOT
from recordings import DATA, PAGES
from translatable import templates
from vllm_observability.model import Quality, Unit
from vllm_observability.pages.evaluate import window
from vllm_observability.pages.scrape import read_page
from vllm_observability.pages.snapshot import snapshot
from vllm_observability.pages.source import Source
from vllm_observability.render.report.author import document
from vllm_observability.report import analyse
from vllm_observability.settings import Settings
from vllm_observability.words.languages import LANGUAGES, LOCALE, Brazilian
from vllm_observability.words.phrases import Quantity, say

CATALOGUE = LOCALE / "pt_BR/LC_MESSAGES/vllm_obs.po"
EVERY_PAGE = sorted(
    [
        *PAGES.glob("*/*.txt"),
        *DATA.glob("oddities/**/*.txt"),
        *DATA.glob("cases/**/*.txt"),
        ROOT / "examples/vllm-0.32.0.txt",
    ]
)


def _translations() -> dict[str, str]:
    with CATALOGUE.open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file) if message.id}


TRANSLATIONS = _translations()
# Coverage topics: looked up by their names.
TOPICS = {"load", "requests", "tokens", "latency", "kv cache", "capacity", "http", "process", "prefix cache"}
TOPICS |= {"speculative decoding", "rates", "consistency", "page", "fleet", "series", "labels", "kind"}
UNITS = {"requests/s", "tokens/s"}


def test_there_is_something_to_translate() -> None:
    """A gate that finds nothing to look at must not pass."""
    assert len(templates()) > 200
    assert len(EVERY_PAGE) > 60


def test_every_template_is_translated() -> None:
    """From the code and from the rows that reports quote."""
    assert [] == [
        f"{text!r} has no translation: write it in {CATALOGUE.relative_to(ROOT)}, then run tools/compile_locales.py."
        for text in sorted((templates() | TOPICS | UNITS) - TRANSLATIONS.keys())
    ]
    assert [] == [text for text, translated in TRANSLATIONS.items() if not translated.strip()]


def test_no_translation_is_left_over() -> None:
    """What nothing says any more leaves the catalogue."""
    assert [] == [
        f"{text!r} is said nowhere any more: delete it from {CATALOGUE.relative_to(ROOT)}."
        for text in sorted(TRANSLATIONS.keys() - templates() - TOPICS - UNITS)
    ]


@pytest.mark.parametrize("text", sorted(TRANSLATIONS), ids=lambda text: text[:40])
def test_a_translation_has_the_same_blanks(text: str) -> None:
    """A blank that is missing loses a number, one too many crashes."""

    def blanks(template: str) -> list[str]:
        return sorted(name for _, name, _, _ in string.Formatter().parse(template) if name)

    assert blanks(text) == blanks(TRANSLATIONS[text])
    for flag in re.findall(r"--[a-z-]+", text):
        assert flag in TRANSLATIONS[text]


def test_compiled_catalogues_are_fresh() -> None:
    """After an edit: python tools/compile_locales.py."""
    for path in LOCALE.glob("*/LC_MESSAGES/*.po"):
        assert compiled(path) == path.with_suffix(".mo").read_bytes()


class _Strict(Brazilian):
    """Portuguese that notes what it has no word for."""

    def __init__(self) -> None:
        self.missing: set[str] = set()

    def template(self, text: str) -> str:
        if text and text not in TRANSLATIONS and any(c.isalpha() for c in re.sub(r"\{.*?\}", "", text)):
            self.missing.add(text)
        return super().template(text)


@pytest.mark.parametrize("path", EVERY_PAGE, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_no_report_says_an_untranslated_sentence(path: Path) -> None:
    """Over every page there is, whatever its oddities."""
    language = _Strict()
    page = snapshot(read_page(path.read_bytes()))
    if page.engine_samples:
        document(analyse(window(page), Source("file", path.name), Settings()), language)

    assert set() == language.missing


def test_numbers_and_moments_are_the_languages_own() -> None:
    """Decimal comma, points between thousands, day before month."""
    spoken = LANGUAGES["pt-BR"]

    assert "1.234.567" == spoken.quantity(Quantity(1_234_567, Unit.TOKENS))
    assert "0,0543" == spoken.quantity(Quantity(0.0543, Unit.NONE))
    assert "< 1,5 s" == spoken.quantity(Quantity(1.5, Unit.SECONDS, Quality.BELOW_FIRST))
    assert "99,9 %" == spoken.quantity(Quantity(0.999, Unit.RATIO))
    assert "3,2 requisições/s" == spoken.quantity(Quantity(3.2, Unit.REQUESTS_PER_SECOND))
    assert "25/11/2026 02:23:27 UTC" == spoken.moment(1_795_573_407)
    assert "12.000 tokens" == spoken.write(say("{n} tokens", n=12_000))
