"""Redaction: the same name becomes the same word, and nothing but vLLM's own words stays."""

from __future__ import annotations

import time

import pytest

from vllm_observability.pages.redact import Redaction


def test_the_same_name_becomes_the_same_word() -> None:
    """Over labels and pages; another name gets another word."""
    redaction = Redaction()

    assert "model-1" == redaction.word("model", "acme/a")
    assert "model-2" == redaction.word("model", "acme/b")
    assert "model-1" == redaction.word("model", "acme/a")
    assert "adapter-1" == redaction.word("adapter", "acme/a")
    assert "" == redaction.word("model", "")


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ({"handler": "/v1/chat/completions"}, {"handler": "/v1/chat/completions"}),
        ({"handler": "/v1/responses/{response_id}"}, {"handler": "/v1/responses/{response_id}"}),
        ({"handler": "none"}, {"handler": "none"}),
        ({"handler": "/merger"}, {"handler": "path-1"}),  # one word, and the site's own
        ({"handler": "/v1/chat/merger"}, {"handler": "path-1"}),
        ({"instance": "10.0.0.5"}, {"instance": "instance-1"}),
        ({"model_name": "2024.1"}, {"model_name": "model-1"}),
        ({"model_name": "None"}, {"model_name": "model-1"}),
        ({"running_lora_adapters": "7,8", "waiting_lora_adapters": ""},
         {"running_lora_adapters": "adapter-1,adapter-2", "waiting_lora_adapters": ""}),
        ({"tenant": "4711", "engine": "0", "le": "0.5"}, {"tenant": "tenant-1", "engine": "0", "le": "0.5"}),
    ],
)  # fmt: skip
def test_only_vllms_own_words_survive(labels: dict[str, str], expected: dict[str, str]) -> None:
    """A number can be a name, and a path of one word a secret."""
    assert expected == Redaction().labels(labels)


def test_many_names_are_quickly_replaced() -> None:
    """A page may name a hundred thousand: the time for each must not grow with those before."""
    redaction, start = Redaction(), time.perf_counter()
    words = [redaction.word("model", f"m{n}") for n in range(100_000)]

    assert len(set(words)) == 100_000
    assert time.perf_counter() - start < 5
