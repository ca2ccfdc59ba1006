"""Runbooks of features that not every site uses: KV transfer and offload, speculative decoding."""

from __future__ import annotations

from vllm_observability.catalog import signals as s
from vllm_observability.catalog.runbooks import queries as q
from vllm_observability.catalog.runbooks.record import Action, Runbook, Step

TRANSFER_FAILURES = Runbook(
    "VllmKvTransferFailures",
    meaning="""
    Some deployments move KV cache blocks (the saved state of a prompt) between machines: from a server that reads
    prompts (prefill) to one that writes answers (decode), or to and from a store in CPU memory or on disk. The number is
    failures per second, added over all such connectors that vLLM has metrics for.

    A failure can be a transfer, a handshake, or a lease: the sender keeps the blocks only for a while, and when the
    receiver comes too late they are gone. From vLLM 0.31.0 on NIXL's counter includes handshakes and notifications, so it
    can rise with an upgrade alone.
    """,
    impact="""
    It depends on `kv_load_failure_policy`: with `fail` the request ends with an error (VllmRequestErrorsHigh), with
    `recompute` its prompt is read again on the decode server, which is late and slows the text of others. Failed stores
    only cost later hits.
    """,
    diagnosis=(
        Step(
            "What fails, and where?", q.FAILED_TRANSFERS, (
                ("`…expired…`", "leases run out: receivers come too late, so look at the decode side's queue: next step"),
                ("`…failed…` on one engine", "that host's network card, port or driver: its log has the error"),
                ("`…failed…` on all engines", "the network between the groups, mixed versions, or the store is down"),
                ("`…allocation_failure…`", "the CPU or disk store is full: make it larger, or store less"),
            ), "engine",
        ),
        Step(
            "Does the receiving side have a queue?", s.WAITING, (
                ("Long on decode engines", "too little decode capacity: leases expire while requests wait, see VllmRequestsWaiting"),
                ("Short", "not lateness: network or configuration"),
            ), "engine",
        ),
        Step(
            "Do users feel it?", s.ERROR_SHARE, (
                ("Above 0", "requests fail: act now"),
                ("0", "requests are recomputed, or stores fail: slower, not broken"),
            ),
        ),
    ),
    mitigation=(
        Action("Take the failing host out of the router.", "one replica less"),
        Action("Restart both sides if they run different versions or one side restarted alone: partners keep addresses of each other.", "running requests"),
        Action("Expired leases: add decode replicas; for a burst, a longer `kv_lease_duration` in `--kv-transfer-config` (NIXL, newer versions).", "prefill servers hold blocks longer, so their cache fills earlier"),
        Action("If the store is broken, start without it (`--kv-transfer-config` or `--kv-offloading-size` left out).", "a restart; no reuse across servers, so slower first tokens"),
    ),
    leave_alone="for a short burst while a server of the other side restarts.",
)

SPEC_ACCEPTANCE = Runbook(
    "VllmSpecDecodeAcceptanceLow",
    meaning="""
    With speculative decoding a small, quick method guesses the next tokens (the draft), and the large model checks
    several guesses at once. Right guesses are free speed; wrong ones are work for nothing. The number is the share of
    guessed tokens that the large model accepted.

    It says nothing about quality: the large model decides every token. It depends on what users ask; code and
    repetitive text are guessed well, free prose with a high temperature badly. A low share can still pay off on an idle
    GPU.
    """,
    impact="""
    Text flows no faster than without drafts, and slower when the GPU is busy, since the checking competes with other
    requests.
    """,
    diagnosis=(
        Step(
            "How many tokens does a step yield?", s.SPEC_TOKENS_PER_STEP, (
                ("Close to 1", "drafts bring nothing: mitigation 1"),
                ("2 or more", "they still pay, if the GPU has time to spare: next step"),
            ),
        ),
        Step(
            "Which positions of the draft are accepted?", q.ACCEPTED_BY_POSITION, (
                ("Only the first one or two", "the drafts are too long: lower `num_speculative_tokens`"),
                ("Few even at the first", "the method doesn't fit the traffic, or belongs to another model version"),
                ("Nothing", "an older vLLM doesn't tell"),
            ), by=("position",),
        ),
        Step(
            "Is the GPU busy? Drafts pay on small batches.", s.RUNNING, (
                ("Many running", "the checking costs others: use fewer drafts under load"),
                ("Few", "no harm beyond wasted work"),
            ), "engine",
        ),
    ),
    mitigation=(
        Action("Lower `num_speculative_tokens` in `--speculative-config`.", "a restart; less gain where drafts are good"),
        Action("Newer versions: let the number depend on the batch (`num_speculative_tokens_per_batch_size` in `--speculative-config`).", "a restart; not with data parallelism, and not tested for every method"),
        Action("Start without `--speculative-config`.", "a restart; slower text on an idle GPU, more throughput on a busy one"),
        Action("If the model was updated, update the draft model to match.", "a restart"),
    ),
    leave_alone="at night always: it costs speed, never correctness.",
)
