"""Which limit is reached first: KV cache, sequences, a step's tokens, something outside, none; or it can't be known."""

from __future__ import annotations

import pytest

from vllm_observability.pages.evaluate import window
from vllm_observability.pages.scrape import read_page
from vllm_observability.pages.snapshot import snapshot
from vllm_observability.pages.source import Source
from vllm_observability.report import Report, analyse
from vllm_observability.report.limits import Limit, limit
from vllm_observability.report.state import states
from vllm_observability.settings import Settings
from vllm_observability.words.phrases import English

BOUNDS = (1, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384)
Steps = dict[int, int]  # tokens of a step -> how many such steps


def _page(
    running: int = 32, waiting: int = 9, usage: float | None = 0.4, steps: Steps | None = None,
    deferred: int | None = None, model: str = "m",
) -> str:  # fmt: skip
    of = f'{{engine="0",model_name="{model}"}}'
    lines = [f"vllm:num_requests_running{of} {running}", f"vllm:num_requests_waiting{of} {waiting}"]
    if usage is not None:
        lines.append(f"vllm:kv_cache_usage_perc{of} {usage}")
    if deferred is not None:
        for reason, n in (("deferred", deferred), ("capacity", waiting - deferred)):
            lines.append(
                f'vllm:num_requests_waiting_by_reason{{engine="0",model_name="{model}",reason="{reason}"}} {n}'
            )
    if steps is not None:
        name = "vllm:iteration_tokens_total"
        for bound in (*BOUNDS, float("inf")):
            within = sum(n for tokens, n in steps.items() if tokens <= bound)
            le = "+Inf" if bound == float("inf") else f"{bound}.0"
            lines.append(f'{name}_bucket{{engine="0",model_name="{model}",le="{le}"}} {within}')
        lines.append(f"{name}_sum{of} {sum(tokens * n for tokens, n in steps.items())}")
        lines.append(f"{name}_count{of} {sum(steps.values())}")
    return "\n".join(lines) + "\n"


def _limit(text: str) -> Limit | None:
    page = window(snapshot(read_page(text.encode())))
    return limit(page, states(page, ()))


DECODING = {30: 2000}
FULL = {**DECODING, 2048: 100}


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        (_page(running=3, waiting=0), "nothing", "nothing; new requests run at once (3 now)"),
        (_page(running=0, waiting=2), "stall", "the engine itself: requests wait and none runs"),
        (_page(usage=0.9), "kv_cache", "the KV cache, 90 % full"),
        (_page(usage=0.89, steps=DECODING), "unknown", "the batch: the KV cache is only 89 % full; this page"),
        (_page(usage=None), "unknown", "the batch or the KV cache; this page doesn't tell which"),
        (_page(waiting=9, deferred=9), "deferred", "something outside the batch"),
        (_page(waiting=9, deferred=8), "unknown", "the batch"),
        (_page(steps=FULL), "token_budget", "at least 75.8 % of all came in steps full with 2,048"),
        (_page(steps={**DECODING, 2048: 19}), "unknown", "the batch"),  # too few to tell from a long prompt
        (_page(steps={**DECODING, 3000: 100}), "unknown", "the batch"),  # a budget of 3000, or prompts of 3000
        (_page(steps={**DECODING, 20000: 100}), "unknown", "the batch"),  # past the last bound
        (_page(steps={**DECODING, 512: 20}), "sequences", "the batch (--max-num-seqs)"),  # 15 % of the work
        (_page(running=250, steps={256: 5000}), "unknown", "the batch"),  # one token for each of 256 sequences
    ],
)  # fmt: skip
def test_what_binds_is_named_with_its_reason(text: str, kind: str, words: str) -> None:
    """Each limit, and the cases on the other side of each bound."""
    found = _limit(text)

    assert found is not None
    assert kind == found.kind
    assert words in English().write(found.reason)


def test_an_idle_server_has_no_limit() -> None:
    """Nor has a page without either gauge."""
    assert _limit(_page(running=0, waiting=0)) is None
    assert _limit('vllm:kv_cache_usage_perc{model_name="m"} 0.5\n') is None


def test_of_several_models_the_one_with_the_longest_queue_is_named() -> None:
    """The other one's full cache is not to blame."""
    found = _limit(_page(waiting=0, usage=0.99, model="full") + _page(waiting=5, usage=0.2, model="queue"))

    assert found is not None
    assert "the batch" in English().write(found.reason)
    assert English().write(found.reason).endswith("(queue, which has the longest queue)")


def _report(text: str) -> Report:
    return analyse(window(snapshot(read_page(text.encode()))), Source("file", "page"), Settings())


def test_the_advice_is_about_what_binds() -> None:
    """More sequences don't help where tokens bind, nor where requests wait for something outside."""

    def advised(text: str) -> set[str]:
        return {a.setting for a in _report(text).advice}

    assert "--max-num-batched-tokens" in advised(_page(steps=FULL))
    assert "--max-num-seqs" not in advised(_page(steps=FULL))
    assert any("--max-num-seqs" in setting for setting in advised(_page(steps=DECODING)))
    assert "--max-num-seqs" not in advised(_page(deferred=9))
    assert any("steps full with 2,048" in English().write(p) for p in _report(_page(steps=FULL)).summary)
