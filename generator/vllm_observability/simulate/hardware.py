"""How fast an engine is and how much it holds: presets, each with where its numbers come from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Hardware:
    """One engine: a model on its GPUs, with vLLM's limits.

    blocks, block_size: KV cache, in blocks and tokens per block.
    max_num_seqs, max_num_batched_tokens: the limits of a batch; max_model_len: of a request, in tokens.
    step_seconds: a decode step of one sequence, bound by reading the weights.
    sequence_seconds: what each further sequence adds to a step.
    context_seconds: what each token held in the KV cache adds to a step, bound by reading it.
    prefill_tokens_per_second: prompt tokens computed per second, bound by arithmetic.
    """

    source: str
    blocks: int
    block_size: int
    max_num_seqs: int
    max_num_batched_tokens: int
    max_model_len: int
    step_seconds: float
    sequence_seconds: float
    context_seconds: float
    prefill_tokens_per_second: float
    memory_share: float = 0.9
    resident_bytes: float = 1.1e9

    def seconds(self, decoding: float, prefilled: float, context: float) -> float:
        """Duration of one engine step."""
        return (
            self.step_seconds
            + self.sequence_seconds * decoding
            + self.context_seconds * context
            + prefilled / self.prefill_tokens_per_second
        )


PRESETS: dict[str, Hardware] = {
    "4b-consumer": Hardware(
        "A page of a Qwen3-4B FP8 server on one consumer card: 850 blocks of 16 tokens, 23.7 ms between tokens of a "
        "single stream (42 tokens/s), 41 ms to the first token of a 41-token prompt. How a step grows with the batch "
        "is an estimate from such a card's memory bandwidth (0.5 TB/s).",
        blocks=850, block_size=16, max_num_seqs=64, max_num_batched_tokens=2048, max_model_len=4096,
        step_seconds=0.0236, sequence_seconds=0.00012, context_seconds=3.0e-7, prefill_tokens_per_second=6_000,
    ),
    "8b-datacentre": Hardware(
        "Arithmetic, not a measurement: Llama 3.1 8B in BF16 on one H100 (3.35 TB/s, 989 TFLOP/s dense). 16 GB of "
        "weights read at 70 % of the bandwidth: 7 ms a step. KV: 128 KiB a token (32 layers, 8 KV heads of 128), 52 GB "
        "left for it at 0.9 of 80 GB: 400,000 tokens. Prefill at 40 % of the arithmetic peak: 24,000 tokens/s.",
        blocks=25_000, block_size=16, max_num_seqs=256, max_num_batched_tokens=8192, max_model_len=16_384,
        step_seconds=0.007, sequence_seconds=0.00002, context_seconds=5.6e-8, prefill_tokens_per_second=24_000,
    ),
    "70b-datacentre": Hardware(
        "Arithmetic, not a measurement: Llama 3.1 70B in FP8 on four H100 with tensor parallelism. 70 GB of weights "
        "over four cards at 60 % of the bandwidth, and 80 all-reduces of 40 µs: 12 ms a step. KV: 320 KiB a token (80 "
        "layers, 8 KV heads of 128), 200 GB left: 600,000 tokens. Prefill at 35 % of four cards' FP8 peak: 19,000/s.",
        blocks=37_500, block_size=16, max_num_seqs=256, max_num_batched_tokens=8192, max_model_len=32_768,
        step_seconds=0.012, sequence_seconds=0.00004, context_seconds=4.1e-8, prefill_tokens_per_second=19_000,
    ),
    "cpu-tiny": Hardware(
        "Fitted to recorded pages of vLLM 0.32.0's CPU build: 32 blocks of 32 tokens, 4 sequences, a two-layer model. "
        "6.6 ms between tokens with 4 streams, 12 ms of prefill for some 60 new tokens.",
        blocks=32, block_size=32, max_num_seqs=4, max_num_batched_tokens=2048, max_model_len=512,
        step_seconds=0.0034, sequence_seconds=0.00078, context_seconds=0.0, prefill_tokens_per_second=8_000,
    ),
}  # fmt: skip
