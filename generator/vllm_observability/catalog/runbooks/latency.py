"""Runbooks of slowness: the first token, the flow of text, the queue, and speed against earlier hours."""

from __future__ import annotations

from vllm_observability.catalog import signals as s
from vllm_observability.catalog.runbooks import queries as q
from vllm_observability.catalog.runbooks.record import Action, Runbook, Step

TTFT = Runbook(
    "VllmTimeToFirstTokenHigh",
    meaning="""
    Time to first token (TTFT) is what a user waits, after pressing Enter, until the first word appears. It runs from
    the request's arrival at vLLM's API server and has three parts: preparing the request, waiting in the queue, and
    prefill (the engine reads the whole prompt; long prompts take longer). p95 means that one request in twenty waited
    longer than this.

    The number is over all requests of the last {rate_window} and over all engines of the model. It is interpolated
    between the fixed bounds of a histogram, so read it as "about". The gateway and the network come on top.

    Long prompts take long, and that is no fault. So with the default thresholds the alert fires only if the work does not
    explain the seconds: if many requests waited over 2 s, and over three times as long as their own prefill took (an
    estimate, from the histograms of both), or if many first tokens came late although neither the queue nor
    prefill was long. A threshold from the settings is judged in seconds alone.
    """,
    impact="""
    Chat feels frozen before it answers. Programs that don't stream feel only a part of a longer total. Past a client's
    time-out, requests are given up and sent again, which adds load.
    """,
    diagnosis=(
        Step(
            "Do requests wait before they run?", s.QUEUE_MEAN, (
                ("Most of the time to first token", "too little capacity for the load: go to VllmQueueTimeHigh"),
                ("Small", "the queue is not it: next step"),
            ),
        ),
        Step(
            "Does reading the prompts take the time?", s.PREFILL_MEAN, (
                ("Most of it", "long prompts, or prompts that no longer come from the cache (VllmPrefixCacheHitRatioDropped): see *Prompt length* of the throughput board, and find at the gateway which client sends more than yesterday"),
                ("Small too", "next step"),
            ),
        ),
        Step(
            "Does the time pass before the engine? This is the share of first tokens that neither queue nor prefill explains.",
            s.UNEXPLAINED_STARTS, (
                ("Above 0.1", "tokenising, decoding images or video, a busy API server, or a KV transfer: see VllmScrapeSlow, and mitigation 4"),
                ("About 0", "queue and prefill together are the time; next step"),
            ),
        ),
        Step(
            "Is one engine slow, or are all?", s.TTFT_MEAN, (
                ("One", "follow VllmEngineOutlier"),
                ("All", "load or prompts, as above"),
                ("All, right after a start", "first requests are slow while the engine warms up and its cache is empty; it passes in minutes"),
            ), "engine",
        ),
    ),
    mitigation=(
        Action("Queueing: send less (rate limits at the gateway), then add a replica.", "refused users now; GPUs and minutes until it serves"),
        Action("Long prefill: raise `--max-num-batched-tokens` (tokens per step), so that a prompt needs fewer steps.", "a restart; text of running requests flows less evenly while prompts are read"),
        Action("Prompts that begin alike: see that `--enable-prefix-caching` is on (the default in current versions for most models) and that the router sends equal beginnings to the same engine.", "load spreads less evenly"),
        Action("A busy API server: `--api-server-count` 2 or more, or more CPU.", "a restart, memory per process; Python and process metrics vanish from the page"),
        Action("Very long prompts of a few clients: cap them at the gateway, or give them a deployment of their own.", "those clients"),
    ),
    leave_alone="when the traffic is batch work that nobody watches, or right after a start. If long prompts are what this model is for, give it another threshold under `models` in the settings. The same for a model whose images or videos take the API server seconds.",
)

ITL = Runbook(
    "VllmInterTokenLatencyHigh",
    meaning="""
    Inter-token latency (ITL) is the pause between two pieces of text of one answer: how fast the text flows once it has
    begun. Making the text after the first token is called decode. p95 means that one pause in twenty was longer.

    One pause is one output of the engine. With speculative decoding an output holds several tokens, so the text flows
    faster than this number says. Requests that are preempted (thrown out of a full cache and computed again) add very
    long pauses.

    A pause while somebody's prompt is read is how a shared engine works. So with the default thresholds the alert fires only
    if many answers were slow as a whole, their tokens over 0.1 s apart on average. A threshold from the settings is
    judged in seconds alone.
    """,
    impact="""
    Text stutters. Answers take longer in total: every pause counts once per word. First words still come as fast as
    before, unless VllmTimeToFirstTokenHigh fires too.
    """,
    diagnosis=(
        Step(
            "Is the batch large?", s.RUNNING, (
                ("Higher than in good hours", "more requests share the GPU, so each gets less: mitigation 1 or 2"),
                ("As always, or low", "not the batch: next step"),
            ), "engine",
        ),
        Step(
            "Do long prompts get in between? Reading a prompt (prefill) shares steps with decode.", q.PROMPT_GROWTH, (
                ("Well above 1", "prompts grew: mitigation 3"),
                ("About 1", "next step"),
            ),
        ),
        Step(
            "Are requests preempted?", s.PREEMPTIONS_PER_REQUEST, (
                ("Above 0", "the KV cache is too small for what runs: follow VllmPreemptionsHigh"),
                ("0", "next step"),
            ),
        ),
        Step(
            "Is one engine slow, or are all?", s.ITL_MEAN, (
                ("One", "its GPU or host: VllmEngineOutlier"),
                ("All, since a certain minute", "a deployment, a driver, a power or temperature limit of the rack: compare GPU clocks"),
            ), "engine",
        ),
    ),
    mitigation=(
        Action("Add a replica: fewer requests per GPU.", "GPUs; minutes until it serves"),
        Action("Lower `--max-num-seqs` (requests that run at once): those that run get faster.", "a restart; the others wait, so time to first token rises"),
        Action("Lower `--max-num-batched-tokens` (tokens per step): prompts are read in smaller pieces between the words of others.", "a restart; longer time to first token, less throughput"),
        Action("Lasting: prefill and decode on separate servers (`--kv-transfer-config`), or speculative decoding (`--speculative-config`) where the batch is small.", "more parts that can fail; days, not a night's work"),
    ),
    leave_alone="for batch work: a large batch with long pauses is the cheapest way to make text.",
)

QUEUE_TIME = Runbook(
    "VllmQueueTimeHigh",
    meaning="""
    How long requests waited, on average, between arriving at the engine and starting to run. An engine runs at most
    `--max-num-seqs` requests at once, and only as many as its KV cache (GPU memory for the text in progress) can hold.
    The rest wait in order of arrival.

    The mean is used because the histogram has no bucket bound under 0.3 s. Requests are counted when they finish, so the number
    lags: it tells how long finished requests waited, not how long a new one will wait (VllmQueueDrainSlow estimates
    that).

    Behind prompts that take seconds each, some seconds of waiting are fair. So with the default thresholds the alert fires
    only if many waited over three times as long as their own prefill took; a threshold from the settings is judged
    in seconds alone.
    """,
    impact="""
    Users wait this long before anything else happens; it is part of the time to first token. Past client time-outs,
    retries make the queue longer still.
    """,
    diagnosis=(
        Step(
            "Who is waiting now, where?", s.WAITING, (
                ("One engine has the queue", "the router: VllmLoadImbalance, or a sick engine: VllmEngineOutlier"),
                ("All engines have one", "too little capacity: next step"),
                ("Nobody waits", "the peak is over; the number falls as new requests finish"),
            ), "engine",
        ),
        Step(
            "What limits the batch, the KV cache or `--max-num-seqs`?", s.KV_USAGE, (
                ("Close to 1", "the cache: VllmKvCacheUsageHigh"),
                ("With room, while requests wait", "`--max-num-seqs` is reached: compare with the number running. Mitigation 3"),
            ), "engine",
        ),
        Step(
            "Is there more traffic than yesterday?", q.TRAFFIC_GROWTH, (
                ("Well above 1", "growth or a burst"),
                ("About 1 or less", "the same traffic takes more: longer prompts or answers, or slower engines (VllmThroughputDropped)"),
            ),
        ),
        Step(
            "Did answers get longer?", q.OUTPUT_GROWTH, (
                ("Well above 1", "each request holds its place longer: another model version, reasoning, a client without `max_tokens`"),
                ("About 1", "not that"),
            ),
        ),
    ),
    mitigation=(
        Action("Limit what comes in: rates per client at the gateway, `max_tokens` for batch clients.", "those clients"),
        Action("Add a replica.", "GPUs; minutes until it serves"),
        Action("With room in the KV cache, raise `--max-num-seqs`.", "a restart; every running request gets a little slower"),
        Action("Lasting, from vLLM 0.29 on: `--max-num-queued-reqs` refuses what would wait too long.", "HTTP 503 for some, instead of a long wait for all"),
    ),
    leave_alone="when a batch job fills the queue on purpose and no person waits in the same one.",
)

THROUGHPUT = Runbook(
    "VllmThroughputDropped",
    meaning="""
    Output tokens per second, divided by the number of running requests: how fast the average running request gets its
    text. The alert compares it with one, two and six hours and a day
    before, for the same model.

    It is a ratio against the past, so it also falls when an earlier hour was unusually fast (few requests, short
    contexts) or when the batch has grown: ten requests at once are each slower than one alone, and that is right. It
    ends by itself after a day at the new speed. Look at the first step before you believe it.
    """,
    impact="""
    Answers take much longer than some hours ago. If total output fell too, the queue grows next.
    """,
    diagnosis=(
        Step(
            "Did the total fall too, or do just more requests share it? (graph, last 3 hours)", s.GENERATION_RATE, (
                ("The total rose or stayed", "a larger batch: no fault. If the pauses hurt, see VllmInterTokenLatencyHigh"),
                ("The total fell", "the engines got slower: next step"),
            ),
        ),
        Step(
            "Are requests preempted, that is, computed twice?", s.PREEMPTIONS_PER_REQUEST, (
                ("Above 0", "the KV cache is too small for what runs: VllmPreemptionsHigh"),
                ("0", "next step"),
            ),
        ),
        Step(
            "Which engines are slow?", s.ITL_MEAN, (
                ("One", "VllmEngineOutlier"),
                ("All on one host or in one rack", "cooling, power limits, a neighbour: look at GPU clocks"),
                ("All", "a deployment, a driver, or other requests: next step"),
            ), "engine",
        ),
        Step(
            "Did the requests change?", q.PROMPT_GROWTH, (
                ("Well above 1", "longer prompts: more prefill between the words, and slower decode over a longer text"),
                ("About 1", "not the requests: version, flags or hardware"),
            ),
        ),
    ),
    mitigation=(
        Action("Drain a slow engine or host.", "one replica less"),
        Action("Roll back, if it began with a deployment.", "the change is postponed"),
        Action("Preemptions: lower `--max-num-seqs`.", "a restart; more waiting, less work done twice"),
        Action("More load than before: add a replica.", "GPUs; minutes until it serves"),
    ),
    leave_alone="when the first step shows that the total did not fall.",
)
