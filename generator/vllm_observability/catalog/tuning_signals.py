"""Questions of whoever tunes flags: what binds an engine, how full its steps are, what caching and speculation gain."""

from __future__ import annotations

from vllm_observability.catalog import metrics as m
from vllm_observability.catalog import signals as s
from vllm_observability.catalog.board_questions import percentile, signal
from vllm_observability.model import Growth, Over, Part, PerSecond, Quantile, Ratio, Raw, Signal, Unit, at_bounds

# ------------------------------------------------------------------------------------------- what binds

QUEUE = 2  # waiting requests on average: one alone waits for the step that is under way
FULL = 0.9  # of the KV cache: the rest is less than the next prompt's first chunk, or about to be taken by running ones
FILLED = 0.6  # mean tokens of a step, as a share of the bound of the largest bucket in use, which may be twice the budget
# Not 1: sums of rates differ in their last digit, by which the bucket above would be the largest.
ALMOST_ALL = 0.99999
LEAST_BUDGET = 2048  # tokens: vLLM's smallest default of --max-num-batched-tokens; a batch of decode alone has fewer

BINDS_WORDS = {0: "idle", 1: "decode", 2: "sequences", 3: "step tokens", 4: "KV blocks", 5: "deferred", 6: "no step"}
_STEPS = "sum by ({engine}) ({count})"
_TOKENS = f"sum by ({{engine}}) ({{sum}})\n  / ({_STEPS} > 0)"
_LARGEST = f"histogram_quantile({ALMOST_ALL:g}, sum by ({{engine}}, le) ({{buckets}}))"
# Before vLLM 0.20 nothing tells what a request waits for.
_QUEUE = "(max by ({engine}) ({capacity})\nor\nmax by ({engine}) ({waiting}))"
_BINDS = f"""\
6 + 0 * (max by ({{engine}}) ({{requests_running}}) >= 1 and {_STEPS} == 0)
or
0 * ({_STEPS} == 0)
or
(
  3 + 0 * ({_TOKENS} >= {FILLED} * ({_LARGEST} > {LEAST_BUDGET / 2:g}))
  or
  4 + 0 * (max by ({{engine}}) ({{usage}}) >= {FULL})
  or
  2 + 0 * {_STEPS}
)
and
{_QUEUE} >= {QUEUE}
or
5 + 0 * (max by ({{engine}}) ({{deferred}}) >= {QUEUE})
or
1 + 0 * {_STEPS}"""
_NAMED = f'count_values("binds",\n{_BINDS}\n)'
for _value, _word in BINDS_WORDS.items():
    _NAMED = f'label_replace({_NAMED}, "binds", "{_word}", "binds", "{_value}")'


def _waiting(reason: str) -> Over:
    return Over("avg_over_time", m.REQUESTS_WAITING_BY_REASON, where=(("reason", "=", reason),))


# Buckets up to the least budget say nothing here; those above are six of fourteen.
_LARGE = at_bounds(m.ITERATION_TOKENS, LEAST_BUDGET / 2, *(b for b in m.ITERATION_TOKENS.buckets[0].bounds if b >= LEAST_BUDGET))
_OVERS = (
    ("capacity", _waiting("capacity")),
    ("deferred", _waiting("deferred")),
    ("waiting", Over("avg_over_time", m.REQUESTS_WAITING)),
    ("usage", Over("max_over_time", m.KV_CACHE_USAGE)),
    *((part.name.lower(), Over("rate", m.ITERATION_TOKENS, part=part)) for part in (Part.COUNT, Part.SUM)),
    ("buckets", Over("rate", m.ITERATION_TOKENS, part=Part.BUCKET, where=_LARGE.where)),
)
_MEANING = (
    f"Where {QUEUE} or more requests wait on average: step tokens (--max-num-batched-tokens), where steps are full; "
    f"KV blocks, where {100 * FULL:.0f} % of the cache is taken; else sequences (--max-num-seqs). Deferred: requests "
    "wait for a KV transfer or a LoRA slot. Decode: nothing waits. No step: requests run and the engine makes no step."
)
BINDS = signal(
    "engine_binds", Raw(_BINDS, (m.REQUESTS_RUNNING,), overs=_OVERS), Unit.NONE, "What binds", _MEANING,
)
ENGINES_BY_BINDING = signal(
    "engines_by_what_binds", Raw(_NAMED, (m.REQUESTS_RUNNING,), overs=_OVERS), Unit.COUNT, "Engines, by what binds them",
    _MEANING,
)

# --------------------------------------------------------------------------------------------- the step

_STEP = "Prompt and output tokens that one engine step handles; from 0.24.0 on without cached prompt tokens."
STEP_P50, STEP_P95, STEP_P99 = (
    percentile("step_tokens", q, m.ITERATION_TOKENS, Unit.TOKENS, "Tokens per engine step", _STEP)
    for q in (0.5, 0.95, 0.99)
)
STEP_LARGEST = signal(
    "step_tokens_largest", Quantile(ALMOST_ALL, m.ITERATION_TOKENS), Unit.TOKENS, "Tokens per engine step, largest",
    "The bound of the largest bucket that a step fell into: the plateau, up to twice as high as it is.",
)
STEP_FILLED = signal(
    "step_filled_ratio", Ratio(s.mean(m.ITERATION_TOKENS), Quantile(ALMOST_ALL, m.ITERATION_TOKENS)), Unit.RATIO,
    "Mean step against the largest",
    "Mean tokens of a step as a share of the bound of the largest bucket in use. Near 1: steps are full.",
)

# ------------------------------------------------------------------------------------ what features gain

_SAVED = "An estimate: cached tokens would have been computed as fast as the others."
_CACHE = (
    ("hits", PerSecond(Growth(m.PREFIX_CACHE_HITS))),
    ("looked", PerSecond(Growth(m.PREFIX_CACHE_QUERIES))),
)
PREFILL_SAVED_EACH = signal(
    "prefill_saved_seconds",
    Raw("{prefill} * {hits}\n/\n({looked} - {hits} > 0)", parts=(("prefill", s.PREFILL_MEAN.expr), *_CACHE)),
    Unit.SECONDS, "Prefill that the cache saved, per request",
    f"Prefill time that a request would have needed more without the prefix cache. {_SAVED}",
)
PREFILL_SAVED = signal(
    "prefill_saved_seconds_per_second",
    Raw(
        "{prefill} * {hits}\n/\n({looked} - {hits} > 0)",
        parts=(("prefill", PerSecond(Growth(m.PREFILL_TIME, Part.SUM))), *_CACHE),
    ),
    Unit.NONE, "Prefill seconds that the cache saved, per second",
    f"Seconds of prefill each second that requests would have needed more without the prefix cache. {_SAVED}",
)
SPEC_KEPT = signal(
    "spec_decode_kept_ratio",
    Raw(
        "({drafts} + {accepted})\n/\n({drafts} + {drafted} > 0)",
        parts=(
            ("drafts", PerSecond(Growth(m.SPEC_DRAFTS))),
            ("accepted", PerSecond(Growth(m.SPEC_ACCEPTED_TOKENS))),
            ("drafted", PerSecond(Growth(m.SPEC_DRAFT_TOKENS))),
        ),
    ),
    Unit.FACTOR, "Tokens kept of those computed",
    "Tokens of speculative steps that were kept, out of those that the model computed: the drafts and one of its own.",
)
SPEC_GAIN = signal(
    "spec_decode_gain", s.SPEC_TOKENS_PER_STEP.expr, Unit.FACTOR, "What speculation gains",
    "How many times as fast a request decodes. Where reading memory binds, drafts cost nothing and all that are "
    "accepted are gained; where arithmetic binds, every drafted token costs as much as one of the model's own.",
)

ALL: tuple[Signal, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Signal))
