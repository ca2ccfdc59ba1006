"""Runbooks of queues: how many wait, and how long until they are through."""

from __future__ import annotations

from vllm_observability.catalog import fleet_signals as f
from vllm_observability.catalog import signals as s
from vllm_observability.catalog.runbooks import queries as q
from vllm_observability.catalog.runbooks.record import Action, Runbook, Step

WAITING = Runbook(
    "VllmRequestsWaiting",
    meaning="""
    Requests that vLLM has accepted but not yet started ({requests_waiting}), as a mean over the engines of the model, so
    that the threshold fits any number of replicas. They wait because the engine runs as many as it may (`--max-num-seqs`),
    or because its KV cache (GPU memory for the text in progress) has no room for another.

    By default the queue has no limit: vLLM refuses nobody, it lets them wait. The number is what the engine said at its
    last step, so it is seconds old.
    """,
    impact="""
    Whoever comes now waits for all of these before the first word. How long that takes depends on how fast requests
    finish: VllmQueueDrainSlow and VllmQueueTimeHigh put it in seconds.
    """,
    diagnosis=(
        Step(
            "Is the queue on all engines?", s.WAITING, (
                ("On one or a few", "the router prefers them, or they are slow: VllmLoadImbalance, VllmEngineOutlier"),
                ("On all", "more demand than capacity: next step"),
            ), "engine",
        ),
        Step(
            "Does anything run?", s.RUNNING, (
                ("0 running on an engine with a queue", "a stuck engine: don't wait for VllmEngineStalled, do what it says"),
                ("As many as `--max-num-seqs`", "the batch limit: mitigation 3, if the next step shows room"),
                ("Fewer", "the KV cache is the limit, or the requests wait for something else: next steps"),
            ), "engine",
        ),
        Step(
            "Is the KV cache full?", s.KV_USAGE, (
                ("Close to 1", "VllmKvCacheUsageHigh"),
                ("With room", "the batch limit, or requests that can't start: next step"),
            ), "engine",
        ),
        Step(
            "What do they wait for? (vLLM 0.20.0 on)", q.WAITING_REASONS, (
                ("`capacity`", "a place in the batch or in the cache"),
                ("`deferred`", "something outside: a KV transfer (VllmKvTransferFailures) or a LoRA adapter slot (`--max-loras`)"),
                ("Nothing", "an older vLLM doesn't tell"),
            ), "model", ("reason",),
        ),
    ),
    mitigation=(
        Action("Limit what comes in at the gateway: batch clients first.", "those clients"),
        Action("Add a replica.", "GPUs; minutes until it serves. The present queue stays where it is: only new requests reach the new replica"),
        Action("With room in the KV cache, raise `--max-num-seqs`.", "a restart, which drops the queue; each running request gets a little slower"),
        Action("Lasting: scale on this number, and refuse early with `--max-num-queued-reqs` (vLLM 0.29 on).", "HTTP 503 in peaks"),
    ),
    leave_alone="when it is batch work, or the queue has been shrinking for some minutes.",
)

QUEUE_DRAIN = Runbook(
    "VllmQueueDrainSlow",
    meaning="""
    Waiting requests, divided by requests finished per second: how long the present queue takes until it is through, at
    the speed of the last {rate_window}. An hour is shown for "never": requests wait and nothing has finished at all.

    It is an estimate. It assumes that the waiting requests are like the finished ones; when long requests replace short
    ones it is too low, and after a burst of long ones too high. Where single answers take longer than {rate_window},
    nothing finishing is normal for a while.
    """,
    impact="""
    Whoever sends a request now waits about this long before the first word. Clients with shorter time-outs give up, and
    their requests may still be computed.
    """,
    diagnosis=(
        Step(
            "Does anything finish? (graph, by reason)", s.REQUEST_RATE, (
                ("0 in every reason", "next step: stuck, or very long answers"),
                ("As in good hours", "the queue is long, not slow: more arrives than usual, VllmRequestsWaiting"),
                ("Less than in good hours", "slower engines or longer answers: VllmThroughputDropped"),
            ), by=("finished_reason",),
        ),
        Step(
            "Do tokens flow?", q.TOKENS_NOW, (
                ("0 on an engine with a queue", "it hangs: VllmEngineStalled"),
                ("They flow", "answers are long: next step"),
            ), "engine",
        ),
        Step(
            "Did answers grow?", q.OUTPUT_GROWTH, (
                ("Well above 1", "somebody asks for much longer answers, or the model repeats itself without end: cap `max_tokens`"),
                ("About 1 or nothing", "not (yet) visible: lengths are known only when a request ends"),
            ),
        ),
        Step(
            "Does the alert's own number fall? (graph)", f.QUEUE_DRAIN, (
                ("It falls", "a burst that is being worked off: wait"),
                ("It rises or stays", "act: it does not go away by itself"),
            ),
        ),
    ),
    mitigation=(
        Action("Stop new load at the gateway until the queue is short.", "refused users now, served users later"),
        Action("Take a hanging engine out of the router and restart it.", "its requests are lost"),
        Action("Add a replica; it takes new requests only.", "GPUs; minutes until it serves"),
        Action("If the queue is full of requests whose clients have left, restart the replicas one by one: vLLM may go on computing for nobody.", "those still waiting lose their place and must send again"),
    ),
    leave_alone="when the last step shows it falling, or for batch work.",
)
