"""Runbooks of engines that differ from their siblings: in speed, in load, in configuration."""

from __future__ import annotations

from vllm_observability.catalog import fleet_signals as f
from vllm_observability.catalog import signals as s
from vllm_observability.catalog.runbooks import queries as q
from vllm_observability.catalog.runbooks.record import Action, Runbook, Step

OUTLIER = Runbook(
    "VllmEngineOutlier",
    meaning="""
    All engines of a model do the same work, so their speeds should be alike. The number is one engine's mean over the
    last {rate_window}, divided by the median of all engines of the model. The label `of` says of what: `ttft`, time to
    first token (the wait before the first word), or `itl`, inter-token latency (the pause between words).

    An engine that gets prompts twice as long as the median engine may take twice as long for first tokens: that is taken
    off. It needs at least three engines with traffic, and some of it on the engine itself. It can't know whether the
    engine is slow or merely got requests that are harder in other ways.
    """,
    impact="""
    Users whose requests land on this engine are served worse; the others notice nothing. As a rule of thumb, one bad
    engine of ten spoils one answer in ten, and with it the p95 of the whole model.
    """,
    diagnosis=(
        Step(
            "Does it have more to do than the others?", s.RUNNING, (
                ("Clearly more", "the router overloads it: VllmLoadImbalance"),
                ("As many, or fewer", "it is slower with the same load: next step"),
            ), "engine",
        ),
        Step(
            "Is it slow in both ways? This shows the pauses between words.", s.ITL_MEAN, (
                ("Slow here too", "GPU or host: clocks, temperature, Xid errors, another process on the GPU (`nvidia-smi -q`)"),
                ("Normal here, only first tokens are late", "longer prompts, a cold prefix cache, or a queue: next step"),
            ), "engine",
        ),
        Step(
            "Does it have a queue or preemptions of its own?", q.PREEMPTION_RATE, (
                ("Above 0, others 0", "its KV cache is smaller than the others', or its requests are longer: compare the configuration"),
                ("0", "next step"),
            ), "engine",
        ),
        Step(
            "Is it configured like the others?", q.CONFIGS, (
                ("Another row than its siblings", "VllmConfigDrift"),
                ("The same", "drain it and test it without load: fast then means the requests, slow means the hardware"),
            ), "target",
        ),
    ),
    mitigation=(
        Action("Lower its weight in the router, or take it out.", "one replica less"),
        Action("Move the pod to another node, and report the first one.", "minutes to load, an empty cache there"),
        Action("If the router sends it harder requests, change its policy (requests in flight or tokens, not connections).", "prefix cache hits may fall"),
    ),
    leave_alone="when it started minutes ago, or has only a handful of requests. Engines of different GPU types under one model name will always differ: give that model another threshold.",
)

IMBALANCE = Runbook(
    "VllmLoadImbalance",
    meaning="""
    The load is spread unevenly over the engines of a model. The label `of` says which load. `kv_cache`: how far the
    engine's KV cache usage (share of the GPU memory for the text in progress) is from the mean, in points. `running`: how
    many times more, or fewer, requests it runs than the mean, where one is added to both, so that 1 against 0 is no
    alarm.

    It fires for the engine with too little as well as for the one with too much, and it can't tell a bad router from one
    that is uneven on purpose, to hit prefix caches.
    """,
    impact="""
    Users on the full engine wait while another has room. In a calm hour nobody feels it.
    """,
    diagnosis=(
        Step(
            "Does it hurt anybody?", s.WAITING, (
                ("Some engines have a queue and others none", "yes: next step"),
                ("Nobody waits", "no: leave it for the day"),
            ), "engine",
        ),
        Step(
            "Is one engine apart, or are there two groups?", s.RUNNING, (
                ("One has nothing", "it isn't in the router: not ready, new, or a data-parallel rank that gets no requests"),
                ("One has much more", "sticky sessions, long-lived connections, or one heavy client"),
                ("Two groups", "two routers or zones with different shares, or two configurations"),
            ), "engine",
        ),
        Step(
            "Is one slower, so that requests pile up on it?", f.OUTLIER_ITL, (
                ("Well above 1", "it is the engine, not the router: VllmEngineOutlier"),
                ("About 1 or nothing", "the router (nothing: fewer than three engines have traffic)"),
            ), "engine",
        ),
    ),
    mitigation=(
        Action("Balance by requests in flight or by waiting requests, not by connections or in turn.", "a change of the router; prefix cache hits may fall"),
        Action("Close long-lived connections after some requests, so that clients spread again.", "a little latency"),
        Action("Data parallel: see that each rank gets requests; with an outside load balancer every rank needs an address of its own.", "a restart"),
    ),
    leave_alone="when nobody waits, when a prefix-aware router does it on purpose, and while a new replica fills up.",
)

CONFIG_DRIFT = Runbook(
    "VllmConfigDrift",
    meaning="""
    The engines of one model should run with the same cache settings. The number is how many different combinations of
    block size, cache data type, prefix caching and GPU memory share there are among them ({cache_config}).

    It compares only these four, not the number of blocks (which differs a little from GPU to GPU), the vLLM version or
    other flags. Servers with the optional Rust front end don't show their settings and are left out.
    """,
    impact="""
    None by itself. Users get different speed, and with different cache data types slightly different answers, depending
    on where a request lands.
    """,
    diagnosis=(
        Step(
            "Who runs with what?", q.CONFIGS, (
                ("Two groups, about equal", "a rollout that stopped half-way, or a test on purpose"),
                ("One server apart", "started by hand, or by an old manifest"),
                ("The word `None` or an empty label in one group", "different vLLM versions: labels come and go with releases"),
            ), "target",
        ),
        Step(
            "Which group is the newer?", q.AGE, (
                ("The odd one is young", "a rollout began: finish it or roll it back"),
                ("The odd one is old", "it missed a rollout"),
                ("Nothing", "several API processes share the page, which hides this number; ask the orchestrator"),
            ), "target",
        ),
        Step(
            "Does it already show in speed?", s.TTFT_MEAN, (
                ("The odd ones are slower or faster", "the difference matters: settle it today"),
                ("No difference", "settle it when convenient"),
            ), "engine",
        ),
    ),
    mitigation=(
        Action("Finish the rollout, or roll it back.", "restarts, one replica at a time"),
        Action("Restart the odd server from the common manifest.", "its requests, an empty cache"),
        Action("If it is a lasting test, serve it under another `--served-model-name`.", "clients of the test must ask for that name"),
    ),
    leave_alone="at night always; and during a rollout or a comparison of two settings.",
)
