"""Numbers and sentences as a reader sees them, and text from pages made safe to print."""

from __future__ import annotations

import pytest

from vllm_observability.model import Quality, Unit
from vllm_observability.settings.durations import seconds
from vllm_observability.words.phrases import English, Quantity, neutral, say

WORDS = English()


@pytest.mark.parametrize(
    ("expected", "number", "unit"),
    [
        ("0 s", 0, Unit.SECONDS),
        ("22.8 µs", 0.0000228, Unit.SECONDS),
        ("999 µs", 0.000999, Unit.SECONDS),
        ("1 ms", 0.001, Unit.SECONDS),
        ("41 ms", 0.041, Unit.SECONDS),
        ("23.7 ms", 0.0237219, Unit.SECONDS),
        ("1 s", 1.0, Unit.SECONDS),
        ("1 s", 0.9996, Unit.SECONDS),
        ("1 ms", 0.0009996, Unit.SECONDS),
        ("2 h", 7199, Unit.SECONDS),
        ("6.89 s", 6.8933, Unit.SECONDS),
        ("119 s", 119.4, Unit.SECONDS),
        ("2 min", 120, Unit.SECONDS),
        ("2 h", 7200, Unit.SECONDS),
        ("2 d", 172_800, Unit.SECONDS),
        ("0 %", 0.0, Unit.RATIO),
        ("0.118 %", 0.001176, Unit.RATIO),
        ("32.5 %", 0.325203, Unit.RATIO),
        ("100 %", 1.0, Unit.RATIO),
        ("99.6 %", 0.99596, Unit.RATIO),
        ("0 B", 0, Unit.BYTES),
        ("999 B", 999, Unit.BYTES),
        ("1 KB", 1000, Unit.BYTES),
        ("1 GB", 999_900_000, Unit.BYTES),
        ("1.11 GB", 1_110_000_000, Unit.BYTES),
        ("42.2 tokens/s", 42.15519, Unit.TOKENS_PER_SECOND),
        ("0 requests/s", 0, Unit.REQUESTS_PER_SECOND),
        ("13,600", 13_600, Unit.TOKENS),
        ("1,739", 1739.0, Unit.TOKENS),
        ("41", 41.0, Unit.TOKENS),
        ("1.72", 1.72, Unit.TOKENS),
        ("0", 0.0, Unit.COUNT),
    ],
)
def test_a_number_is_written_in_its_best_unit(expected: str, number: float, unit: Unit) -> None:
    """Three significant digits, no exponent, no needless noughts, whole counts in full with thousands apart."""
    assert expected == WORDS.quantity(Quantity(number, unit))


@pytest.mark.parametrize(
    ("expected", "share"),
    [("99.97 %", 0.9997), ("99.99 %", 0.99996), ("99.99 %", 0.9999999), ("99.9 %", 0.999), ("100 %", 1.0)],
)
def test_nearly_all_is_not_all(expected: str, share: float) -> None:
    """Of ten thousand requests one failed: that is not 100 %."""
    assert expected == WORDS.measure(share, Unit.RATIO)


def test_a_bound_says_that_it_is_one() -> None:
    """Below the first bucket "<", beyond the last ">"; interpolated and exact numbers stand alone."""
    assert "< 300 ms" == WORDS.quantity(Quantity(0.3, Unit.SECONDS, Quality.BELOW_FIRST))
    assert "> 42.7 min" == WORDS.quantity(Quantity(2560, Unit.SECONDS, Quality.ABOVE_LAST))
    assert "300 ms" == WORDS.quantity(Quantity(0.3, Unit.SECONDS, Quality.INTERPOLATED))


@pytest.mark.parametrize(
    ("expected", "number"),
    [
        ("0", 0),
        ("0.00123", 0.001234),
        ("1.23", 1.2345),
        ("12.3", 12.345),
        ("123", 123.45),
        ("12,345", 12345.4),
        ("1", 0.9999),
        ("1,000", 999.9),
    ],
)
def test_significant_digits(expected: str, number: float) -> None:
    """Small numbers keep their digits, large ones lose their fraction, nothing is written with an exponent."""
    assert expected == WORDS.significant(number)


def test_sentences_are_put_together_at_the_end() -> None:
    """Numbers, words and sentences within sentences; a whole number is grouped, a quantity has its unit."""
    phrase = say(
        "{n} of {model}: {why}",
        n=12_345,
        model="acme/a",
        why=say("wait is {wait}", wait=Quantity(1.5, Unit.SECONDS)),
    )
    assert "12,345 of acme/a: wait is 1.5 s" == WORDS.write(phrase)


def test_braces_in_a_value_are_no_fields() -> None:
    """A model may be named `{n}` or `{0.__class__}`: it is text, not a template."""
    assert "hello {n} {0.__class__}" == WORDS.write(say("hello {name}", name="{n} {0.__class__}"))


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ("plain text, ünïcödé, 漢字", "plain text, ünïcödé, 漢字"),
        ("\\u001b[31mred", "\x1b[31mred"),
        ("a\\u000ab\\u000d\\u0009", "a\nb\r\t"),
        ("\\u009b31m", "\x9b31m"),
        ("\\u202egpj.exe", "\u202egpj.exe"),
        ("a\\u200bb", "a\u200bb"),
        ("\\u0000", "\x00"),
        ("<script>", "<script>"),
        ("", ""),
    ],
)
def test_what_could_act_on_a_terminal_is_shown_instead(expected: str, text: str) -> None:
    """Escapes, line breaks, and characters that hide or turn text round become visible; the rest stays."""
    assert expected == neutral(text)


def test_long_text_is_cut() -> None:
    """A label of 200 KB is a line of 120 characters that ends in an ellipsis; one of 120 is whole."""
    assert "x" * 120 == neutral("x" * 120)
    assert "x" * 119 + "…" == neutral("x" * 121)
    assert "x" * 119 + "…" == neutral("x" * 200_000)
    assert 120 == len(neutral("\x1b" * 200_000))


def test_values_of_phrases_are_neutralised() -> None:
    """Whatever a page says passes through the same gate."""
    assert "model \\u001b[2J" == WORDS.write(say("model {name}", name="\x1b[2J"))


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (90.0, "90s"),
        (5400.0, "1h30m"),
        (0.25, "250ms"),
        (604_800.0, "1w"),
        (31_536_000.0, "1y"),
        (None, ""),
        (None, "0s"),
        (None, "5"),
        (None, "1.5h"),
        (None, "30m1h"),  # from the largest unit to the smallest
        (None, "-5m"),
        (None, " 5m"),
        (None, "5M"),
    ],
)
def test_durations_are_prometheus_own(expected: float | None, text: str) -> None:
    """What Prometheus takes, in seconds; None for what it refuses, and for no time at all."""
    assert expected == seconds(text)
