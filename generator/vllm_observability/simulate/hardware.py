"""How fast an engine is and how much it holds: presets, each with where its numbers come from."""

from __future__ import annotations

from dataclasses import dataclass, replace

from vllm_observability.simulate.steps import EVERY_GRAPH, StepFunctions


@dataclass(frozen=True)
class Hardware:
    """One engine: a model on its GPUs, with vLLM's limits.

    blocks, block_size: KV cache, in blocks and tokens per block.
    max_num_seqs, max_num_batched_tokens: the limits of a batch; max_model_len: of a request, in tokens.
    step_seconds: a decode step of one sequence, bound by reading the weights.
    sequence_seconds: what each further sequence adds to a step.
    context_seconds: what each token held in the KV cache adds to a step, bound by reading it.
    prefill_tokens_per_second: prompt tokens computed per second, bound by arithmetic.
    functions: how a step's parts add up, where they are more than a sum.
    drafts, acceptance: speculative decoding, as `Conditions` has it, of a fleet without a story.
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
    functions: StepFunctions | None = None
    drafts: int = 0
    acceptance: float = 0.6

    def step(self, decoding: int, drafts: int, computed: int, context: float, pairs: float) -> float:
        """Duration of one engine step of this many sequences in decode and prompt tokens; see `StepFunctions`."""
        if self.functions is None:
            return self.seconds(decoding * (1 + 0.08 * drafts), computed, context)
        parts = (self.step_seconds, self.sequence_seconds, self.context_seconds, 1 / self.prefill_tokens_per_second)
        return self.functions.seconds(parts, decoding, drafts, computed, context, pairs)

    def seconds(self, decoding: float, prefilled: float, context: float) -> float:
        """Duration of one engine step, as a sum."""
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


_STEPS = (
    "As {0}, with step functions: batches are padded to CUDA graph sizes, steps with prefill run without the whole "
    "graph and are as long as the longer of weights and arithmetic, attention of a prompt grows with its square."
)


def _with(name: str, functions: StepFunctions, source: str = _STEPS, drafts: int = 0) -> Hardware:
    return replace(PRESETS[name], source=source.format(name), functions=functions, drafts=drafts)


PRESETS |= {
    "4b-consumer-steps": _with(
        "4b-consumer",
        StepFunctions((1, 2, 4, 8, 16, 32), eager_seconds=0.006, mixed_seconds=0.004, pair_seconds=6e-9),
        _STEPS + " Graphs are captured for up to 32 sequences only.",
    ),
    "8b-datacentre-steps": _with("8b-datacentre", StepFunctions(EVERY_GRAPH, 0.004, 0.0015, 1.1e-9)),
    "70b-datacentre-steps": _with("70b-datacentre", StepFunctions(EVERY_GRAPH, 0.009, 0.004, 1.1e-9)),
    "8b-datacentre-speculative": _with(
        "8b-datacentre",
        StepFunctions(EVERY_GRAPH, 0.004, 0.0015, 1.1e-9, draft_seconds=0.0009),
        _STEPS + " A draft model proposes three tokens a step, of which three in five are kept.",
        drafts=3,
    ),
}
