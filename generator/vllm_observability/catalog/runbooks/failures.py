"""Runbooks of requests that fail, are refused, break off or are cut short."""

from __future__ import annotations

from vllm_observability.catalog import fleet_signals as f
from vllm_observability.catalog import signals as s
from vllm_observability.catalog.runbooks import queries as q
from vllm_observability.catalog.runbooks.record import Action, Runbook, Step

REQUEST_ERRORS = Runbook(
    "VllmRequestErrorsHigh",
    meaning="""
    The share of the requests that ended inside the engine with the reason `error` ({request_success}), among those that
    finished in the last {rate_window}. The engine gives up on single requests when it can't load their KV cache (the saved state of a
    prompt) from another server, or when a request's output can't be made valid; other causes exist.

    `of="few"`: the model has few requests, and ten or more of them failed within an hour, or within six.

    The reason exists from vLLM 0.13.0 on; older versions count none. Requests that never reached the engine (bad input,
    queue limits) and those lost in a crash are not in it: VllmHttpServerErrorsHigh sees them.
    """,
    impact="""
    The users of these requests get an HTTP 500, or a stream that ends with an error. Retries make it worse if the
    cause is load.
    """,
    diagnosis=(
        Step(
            "Since when, and which reasons beside it? (graph)", s.REQUEST_RATE, (
                ("`error` began at a deployment", "the new version, flags or model: roll back"),
                ("`error` in bursts", "a client or a kind of request: read the server's log at a burst; each error leaves a line with the request's id"),
                ("`abort` rises too", "clients give up: the errors may be only a part of it, see VllmAbortsHigh"),
            ), by=("finished_reason",),
        ),
        Step(
            "Do KV transfers fail? (only with prefill and decode on separate servers, or with an offload store)", f.KV_TRANSFER_FAILURES, (
                ("Above 0, at the same times", "that is the cause: follow VllmKvTransferFailures"),
                ("0 or nothing", "not transfers"),
            ),
        ),
        Step(
            "What do clients see?", q.SERVER_ERRORS, (
                ("5xx on one server", "that server: drain it and read its log"),
                ("5xx on all servers", "a shared cause: model, version, a kind of request"),
                ("No 5xx, yet errors", "streams that had begun: they were counted as 2xx when they started"),
            ), "target", ("handler",),
        ),
    ),
    mitigation=(
        Action("Roll back what was deployed last.", "the change is postponed"),
        Action("Drain a single failing server and restart it.", "one replica less for some minutes; a restart helps only if its process or GPU is at fault"),
        Action("Failed KV loads: set `kv_load_failure_policy` to `recompute` in `--kv-transfer-config`, so that the prompt is computed again instead.", "a restart; decode servers then do prefill work (reading prompts), which slows the text of others; not every model supports it"),
        Action("A certain kind of request: refuse it at the gateway until it is understood.", "its users get an error at once instead of late"),
    ),
    leave_alone="when the errors stopped before the alert reached you, and the log explains them.",
)

HTTP_ERRORS = Runbook(
    "VllmHttpServerErrorsHigh",
    meaning="""
    The share of the API calls that got a status of 500 to 599, among those that ended with 2xx or 5xx in the last
    {rate_window}.
    Probes and lists of models are no calls. Mistakes of clients are 4xx and count on neither side, though some versions count a prompt over the length limit as 5xx
    while the client sees 400.

    The status of a streamed answer is set when the stream begins, so errors in the middle of a stream count as success.
    Without `of` it is the share of a whole deployment; `of="server"` is one server of several, `of="model"` one model of
    several (by the engines that its servers show), `of="few"` a server with few calls, ten of which failed in an hour.
    """,
    impact="""
    These callers get an error instead of an answer. Clients that retry at once turn a small failure into load.
    """,
    diagnosis=(
        Step(
            "Which server, which path?", q.SERVER_ERRORS, (
                ("One server", "drain it, then read its log: `EngineDeadError` means its engine crashed and it can only be restarted"),
                ("All servers, one path", "a feature or a client of that path: read the log for the traceback"),
                ("All servers and paths", "overload or a shared fault: next step"),
            ), "target", ("handler",),
        ),
        Step(
            "Are requests refused because the queue is at its limit?", f.REJECTION_RATE, (
                ("Above 0", "503 by the admission limits: follow VllmAdmissionRejections"),
                ("0 or nothing", "not by limits (the counter exists from vLLM 0.32.0 on, the limits from 0.29)"),
            ), by=("reason",),
        ),
        Step(
            "Does the engine report errors too?", s.ERROR_SHARE, (
                ("Also high", "the engine fails requests: follow VllmRequestErrorsHigh"),
                ("0", "the failure is in front of the engine: the API server, or an engine that died and so reports nothing"),
            ),
        ),
        Step(
            "Do engines still work?", q.TOKENS_NOW, (
                ("One is 0 or missing while others are not", "its engine is dead or stuck: restart it, see VllmEngineStalled"),
                ("All produce", "errors of single requests: the log has them"),
            ), "engine",
        ),
    ),
    mitigation=(
        Action("Take a single failing server out of the router and restart it.", "minutes to load, one replica less"),
        Action("Overload: shed load at the gateway (rate limits, `Retry-After`), then add replicas.", "some users are refused, early instead of late"),
        Action("Roll back the last deployment, if the errors began with it.", "the change is postponed"),
        Action("Make clients wait between retries, longer each time.", "slower recovery for a single client, faster for all"),
    ),
    leave_alone="when the 5xx are the 503 of an admission limit that you set on purpose and the clients retry well.",
)

REJECTIONS = Runbook(
    "VllmAdmissionRejections",
    meaning="""
    vLLM refused requests with HTTP 503, because the number of requests it holds (running and waiting together,
    `--max-num-queued-reqs`) or the prompt tokens not yet read (`--max-num-queued-tokens`) had reached the limit that you
    set. The value is refusals per second ({admission_rejections}, from vLLM 0.32.0 on).

    Without one of the two flags the queue has no limit and this alert can't fire. The limits are for a whole server,
    not per data-parallel rank, and a request with `n` answers takes `n` places.
    """,
    impact="""
    Refused users get an error at once, which a good client retries elsewhere. Those admitted are served as fast as the
    limit was meant to keep it.
    """,
    diagnosis=(
        Step(
            "Which limit?", f.REJECTION_RATE, (
                ("`max_num_queued_reqs`", "too many requests at once"),
                ("`max_num_queued_tokens`", "long prompts: a few of them fill this limit"),
            ), by=("reason",),
        ),
        Step(
            "Are all servers full?", s.WAITING, (
                ("One is full, others are not", "the router: see VllmLoadImbalance"),
                ("All are full", "demand is over capacity: next step"),
                ("Nobody waits", "the limit is lower than what the engine can run: it is the same as, or under, `--max-num-seqs` times the number of ranks"),
            ), "engine",
        ),
        Step(
            "Is there more traffic than yesterday, or slower answers?", q.TRAFFIC_GROWTH, (
                ("Well above 1", "more finished requests: growth or a burst; add replicas"),
                ("About 1 or less", "requests finish no faster, but more are held: answers grew longer or the engine slower, see VllmThroughputDropped"),
            ),
        ),
    ),
    mitigation=(
        Action("Let the router retry refused requests on another replica.", "a little latency for those"),
        Action("Add a replica.", "GPUs; minutes until it serves"),
        Action("Raise the limit, if clients can wait that long: waiting time is about the queue divided by requests finished per second.", "a restart; longer time to first token for everybody in the queue"),
    ),
    leave_alone="when the limit protects latency in a short peak and clients retry.",
)

CORRUPTED = Runbook(
    "VllmCorruptedRequests",
    meaning="""
    While computing the next word, the model produced "not a number" for at least one finished request. Such an answer
    is garbage, whatever it looks like. The value is the number of such requests in 15 minutes.

    vLLM checks this only with the environment variable `VLLM_COMPUTE_NANS_IN_LOGITS=1`; without it, the same fault goes
    unseen.
    """,
    impact="""
    Users get nonsense, repeated characters or empty answers, with HTTP 200. No other alert sees it.
    """,
    diagnosis=(
        Step(
            "Which engine?", q.CORRUPTED_ENGINES, (
                ("One engine", "its GPU: faulty memory is likely; drain it and look for Xid and ECC errors in `dmesg` and `nvidia-smi -q`"),
                ("All engines of the model", "software or weights: next steps"),
            ), "engine",
        ),
        Step(
            "Since when? Compare with the age of the servers.", q.AGE, (
                ("Since their start", "version, flags, quantisation or damaged weights: roll back what was deployed"),
                ("Long after the start", "a certain kind of request (very long, an image), or a GPU that began to fail"),
                ("Nothing", "several API processes share the page, which hides this number; ask the orchestrator"),
            ), "target",
        ),
        Step(
            "Do engines of this model run with different settings?", q.CONFIGS, (
                ("The bad ones have another `cache_dtype` than the good ones", "an overflow in the smaller KV cache format (fp8): mitigation 3"),
                ("No difference", "not the cache format"),
            ), "target",
        ),
    ),
    mitigation=(
        Action("Take the engine, or the deployment, out of the router.", "capacity; wrong answers are worse"),
        Action("All engines: go back to the version, weights and flags that worked.", "the change is postponed"),
        Action("If `--kv-cache-dtype fp8` is set, start without it.", "half as much text fits into the KV cache, so earlier queueing"),
        Action("One GPU: reset it, test it, replace it.", "one replica less"),
    ),
    leave_alone="never before the first step: even one such answer means that others may be wrong unseen.",
)

ABORTS = Runbook(
    "VllmAbortsHigh",
    meaning="""
    The share of aborted requests among those that finished in the last {rate_window}: a client, a proxy or an operator
    stopped them before their end.

    `of="uncounted"`: the share of the requests of half an hour that got a first token, never finished and no longer run.

    The number is low by nature. Current versions record no abort when a client merely closes the connection; measured
    on versions 0.9 to 0.32, ten dropped connections counted as none. So a high share is serious, and a low one proves
    nothing: the second step counts the silent ones.
    """,
    impact="""
    Users stopped waiting, or a proxy stopped for them. The engine's work on these requests is wasted.
    """,
    diagnosis=(
        Step(
            "How long do requests take? (compare with the time-outs of clients and proxies)", s.E2E_P95, (
                ("At or over a time-out", "the time-out cuts them off: latency is the problem, see VllmTimeToFirstTokenHigh and VllmQueueTimeHigh"),
                ("Far under every time-out", "clients cancel on purpose: next step"),
            ),
        ),
        Step(
            "How many started to answer and never ended?", q.UNFINISHED, (
                ("Lastingly above 0", "silent disconnects: more users leave than the alert counts"),
                ("Around 0, either side", "few of these; short windows swing, since a request starts and ends at different times"),
            ),
        ),
        Step(
            "Do users wait for the first token?", s.TTFT_P95, (
                ("High", "they leave before anything appears: VllmTimeToFirstTokenHigh"),
                ("Low", "they leave while reading: a stop button, a changed client, very long answers"),
            ),
        ),
    ),
    mitigation=(
        Action("If time-outs cut them off, shorten the wait first (the latency runbooks), or raise the time-out.", "a longer time-out holds connections and KV cache longer"),
        Action("Ask the owner of the client whether a release changed how it cancels.", "nothing"),
        Action("Cap `max_tokens` for interactive clients.", "long answers end early, see VllmOutputTruncationHigh"),
    ),
    leave_alone="when the client cancels as a feature (autocomplete, search as you type) and latency is good.",
)

TRUNCATION = Runbook(
    "VllmOutputTruncationHigh",
    meaning="""
    The share of the requests that ended at a token limit, among those that finished in the last {rate_window}: the
    request's own `max_tokens`, or the model's longest text `--max-model-len` (prompt and answer together). A token is
    about three quarters of an English word.

    It can't tell a limit set on purpose (classification with one token) from one that cuts sentences.
    """,
    impact="""
    Answers stop in the middle: broken JSON, missing last lines, reasoning models that never get to the answer.
    """,
    diagnosis=(
        Step(
            "How long are answers?", s.GENERATION_LENGTH, (
                ("Close to a round number that clients set", "their `max_tokens`"),
                ("A few tokens", "classification or autocomplete: on purpose"),
                ("Neither", "a mix of clients: the log or the gateway knows which"),
            ),
        ),
        Step(
            "Are prompt and answer together close to the model's limit?", s.PROMPT_LENGTH, (
                ("Prompt plus answer is near `--max-model-len`", "the model's limit cuts"),
                ("Far below", "the clients' limit cuts"),
            ),
        ),
        Step(
            "Did answers grow?", q.OUTPUT_GROWTH, (
                ("Well above 1", "the model talks more than yesterday: another model version, a reasoning mode, a changed prompt, or endless repetition"),
                ("About 1", "nothing new: this client mix is always like this; raise the threshold for this model"),
            ),
        ),
    ),
    mitigation=(
        Action("Raise `max_tokens` in the client.", "longer answers: more KV cache, more queueing"),
        Action("Raise `--max-model-len`, as far as the model was made for and the KV cache holds one such request.", "a restart; few long requests can fill the cache, see VllmKvCacheUsageHigh"),
        Action("Endless repetition: look at the sampling parameters (temperature, repetition penalty) and the chat template.", "other answers"),
        Action("If it is on purpose, give the model another threshold under `models` in the settings.", "a real change is seen later"),
    ),
    leave_alone="at night always: it is a question for the owner of the client, in the morning.",
)
