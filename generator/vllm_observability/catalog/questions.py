"""What operators ask, and where it is answered: board, panel, and what the answer means."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Question:
    """One question; `panel` is a panel's title on the board `slug`; `answers` are (what is seen, what it means)."""

    asks: str
    slug: str
    panel: str
    answers: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Topic:
    """Questions that come up together."""

    title: str
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Job:
    """What somebody comes for; `steps` are (board, panel, what to see there), in the order of looking."""

    when: str
    steps: tuple[tuple[str, str, str], ...]
    then: str


def _ask(asks: str, slug: str, panel: str, *answers: tuple[str, str]) -> Question:
    return Question(asks, slug, panel, answers)


JOBS: tuple[Job, ...] = (
    Job(
        "An alert paged you",
        (
            ("vllm-incident", "Firing alerts", "what else fires; the alert's link opens this board at its time and with its labels. If it chose an instance, set *Instance* to All to see the others"),
            ("vllm-engines", "All engines", "whether one hangs: running above 0 and 0 steps/s. Latency stays flat then, because a request that hangs ends in no number"),
            ("vllm-incident", "First token = queue + prefill + rest", "what users wait for, of the requests that get on"),
            ("vllm-incident", "Five engines with most waiting requests", "whether it is one engine or all"),
            ("vllm-incident", "Models, now and before", "whether it was so an hour, a day or a week before"),
        ),
        "the alert's [runbook](../alerts/runbooks/README.md) says what to do",
    ),
    Job(
        "You plan capacity and cost, once a week",
        (
            ("vllm-capacity", "Models, over the time range", "spend, idle spend and hours over the threshold, of each model"),
            ("vllm-capacity", "Room, one gone, least", "whether the engines could lose one"),
            ("vllm-capacity", "Room for more requests, by model", "how much more fits"),
        ),
        "`vllm-obs review --prometheus URL` tells the same week in words, and `vllm-obs capacity --prometheus URL` the most that fits",
    ),
    Job(
        "You tune flags",
        (
            ("vllm-tuning", "Engines, by what binds them", "which limit the engines meet, and the flag for each"),
            ("vllm-tuning", "What binds each engine", "when, and on which engine"),
            ("vllm-tuning", "Tokens per engine step", "whether steps are full"),
        ),
        "`vllm-obs compare` says whether the change helped, at equal load",
    ),
    Job(
        "You are new, with a server or two",
        (
            ("vllm-overview", "Targets and scrapes", "in the last row, which opens by a click: whether Prometheus reads the server"),
            ("vllm-overview", "Models", "one row says whether the model is fast, full or failing"),
            ("vllm-latency", "Mean time of a request, by phase", "where a request's time goes"),
        ),
        "`vllm-obs analyze http://SERVER:8000/metrics` reads the server's own page, without a Prometheus",
    ),
)

ALL: tuple[Topic, ...] = (
    Topic(
        "Is it up?",
        (
            _ask(
                "Is every server up?", "vllm-overview", "Targets down",
                ("0", "every known target answers; a deleted pod is no longer a target, so look at *Engines* too"),
                ("above 0", "Prometheus can't read that many servers: *If panels are empty* at the foot of the board names the job"),
            ),
            _ask(
                "Which alert fires, and where is its runbook?", "vllm-overview", "Firing alerts",
                ("a row", "click the alert's name"), ("empty", "nothing fires, or the alert rules are not loaded"),
            ),
            _ask(
                "An alert fires: what else does, and on which engine?", "vllm-incident", "Five engines with most waiting requests",
                ("running above 0 and 0 steps/s", "that engine hangs; one without waiting requests may not be among the five: see *All engines* of the engines board"), ("one engine far above the others", "look at its GPU and its share in the router"),
                ("all alike", "load, or a change: see *Models, now and before*, and the marks of restarts and configuration changes"),
            ),
            _ask(
                "How was it before the alert?", "vllm-incident", "Models, now and before",
                ("as a day before", "the load of that hour; look at the week before too"), ("far above all of them", "something broke"),
                ("empty cells", "the data source does not keep data that long"),
            ),
            _ask(
                "Does an engine hang?", "vllm-engines", "All engines",
                ("running above 0 and 0 steps/s", "it hangs: restart it"), ("steps/s above 0", "it works"),
            ),
            _ask(
                "Does an engine keep restarting?", "vllm-engines", "All engines",
                ("*Restarts*, of the last hour, above 1", "a crash loop; one restart is a deployment"),
            ),
            _ask(
                "Why is my board empty?", "vllm-overview", "Targets and scrapes",
                ("no row", "no target's job matches the selector: set `target_selector`"),
                ("*Up* below *Targets*", "the server or its port is not reachable"),
                ("few samples", "the target is not vLLM, or runs with `--disable-log-stats`"),
            ),
            _ask(
                "Which vLLM versions run?", "vllm-overview", "vLLM versions seen",
                ("the last row", "the newest engines run at least this version"),
                ("fewer engines in a later row", "the difference runs an older version"),
            ),
        ),
    ),
    Topic(
        "Is it fast?",
        (
            _ask(
                "How long do users wait for the first word?", "vllm-overview", "TTFT p95, worst",
                ("no colour", "95 of 100 wait less than the threshold, on every model"), ("orange or red", "the table below says which model"),
            ),
            _ask(
                "What does the first token wait for?", "vllm-incident", "First token = queue + prefill + rest",
                ("queue grows", "too many requests, or too few engines"), ("prefill grows", "longer prompts, or fewer cache hits"),
                ("rest grows", "the front end, or a KV transfer: look at *CPU cores used* of the engines board"),
            ),
            _ask(
                "Is it the queue or the prompt?", "vllm-latency", "Mean time of a request, by phase",
                ("queue grows", "too many requests: add a replica"), ("prefill grows", "longer prompts: prefix caching, `--max-num-batched-tokens`"),
                ("decode grows", "longer answers or larger batches"),
            ),
            _ask(
                "How fast does text flow for one user?", "vllm-overview", "Tokens/s per user",
                ("above 10", "faster than people read"), ("below 5", "it stutters: fewer requests at once, or a faster GPU"),
            ),
            _ask(
                "Are there two kinds of requests?", "vllm-latency", "Time to first token, heatmap",
                ("one band", "one kind"), ("two bands", "two kinds, or two groups of engines: percentiles of both together mislead"),
            ),
            _ask(
                "Which engine is slow?", "vllm-engines", "Inter-token latency against the median",
                ("near 1", "as fast as the others of its model"), ("above 2", "a slower GPU, a hot one, or a neighbour: take it out of the router"),
            ),
            _ask(
                "Do we keep our objectives?", "vllm-slo", "Objectives",
                ("*left* above 0", "within the budget of 30 days"), ("*left* below 0", "overspent: reliability before features"),
            ),
            _ask(
                "How fast is the error budget going?", "vllm-slo", "Time to first token: burn rate",
                ("1", "exactly used up at the end of the period"), ("above 6", "somebody is paged"),
            ),
        ),
    ),
    Topic(
        "Is it full?",
        (
            _ask(
                "Is the KV cache the bottleneck?", "vllm-kv-cache", "KV cache, fullest",
                ("high and nobody waits", "no: the GPU is well used"), ("high and requests wait", "yes: shorter contexts, fp8 KV, or more replicas"),
            ),
            _ask(
                "What do waiting requests wait for?", "vllm-kv-cache", "Waiting requests, by reason",
                ("capacity", "a place in the batch or in the KV cache"), ("deferred", "a KV transfer or a LoRA slot"),
            ),
            _ask(
                "How long does the queue take?", "vllm-kv-cache", "Queue drains in",
                ("seconds", "a burst that will be gone"), ("an hour", "nothing finishes at all"),
            ),
            _ask(
                "Are requests thrown out?", "vllm-kv-cache", "Preemptions per request, by model",
                ("0", "no"), ("above 0.05", "work is done twice: lower `--max-num-seqs`"),
            ),
            _ask(
                "How many more requests fit?", "vllm-capacity", "Room, least",
                ("a number", "that many more requests like the present ones fit the KV cache; `--max-num-seqs` may stop earlier"),
            ),
            _ask(
                "What if an engine goes?", "vllm-capacity", "Room, one gone, least",
                ("above 0", "the others could have served all requests, at the fullest moment too"),
                ("below 0", "so many requests would have waited: one more replica; a model with a single engine has none to lose"),
            ),
            _ask(
                "For how long was it too full?", "vllm-capacity", "KV cache over, longest",
                ("0", "never above the warning threshold"), ("hours", "of which model, and whether requests waited, says *Models, over the time range*"),
            ),
            _ask(
                "When will it be full?", "vllm-capacity", "KV cache full in",
                ("empty", "usage does not rise"), ("a time", "at the trend of the last quarter of an hour"),
            ),
            _ask(
                "Is the load spread evenly?", "vllm-engines", "KV cache usage",
                ("lines together", "yes"), ("lines apart", "the router prefers some engines"),
            ),
        ),
    ),
    Topic(
        "Which flag would help?",
        (
            _ask(
                "What limits the engines?", "vllm-tuning", "Engines, by what binds them",
                ("KV blocks", "`--gpu-memory-utilization`, `--kv-cache-dtype fp8`, a smaller `--max-model-len`, or more engines"),
                ("sequences", "a larger `--max-num-seqs`, if the KV cache has room"),
                ("step tokens", "a larger `--max-num-batched-tokens`: tokens then come less evenly"),
                ("deferred", "no limit of the engine: a KV transfer, or `--max-loras`"),
                ("idle", "no request"),
                ("no step", "requests run and nothing moves: that engine hangs; see the runbook of VllmEngineStalled"),
                ("decode", "nothing waits; only a faster step helps: speculation, quantization, another GPU. Where *Preemptions per second, by engine* is above 0, the KV cache runs full between two scrapes"),
            ),
            _ask(
                "Which engine was limited, and when?", "vllm-tuning", "What binds each engine",
                ("one lane differs", "look at its share in the router, and at its settings"), ("a colour for minutes only", "a burst; a flag is for what lasts"),
            ),
            _ask(
                "Is `--max-num-batched-tokens` right?", "vllm-tuning", "Tokens per engine step",
                ("p50 near *largest* while requests wait", "steps are full: raise it, and watch the inter-token latency"),
                ("p99 far below *largest*", "steps are rarely full: it limits nothing"),
            ),
            _ask(
                "Is `--max-num-seqs` right?", "vllm-tuning", "Running requests",
                ("flat while requests wait and the KV cache has room", "that is `--max-num-seqs`: raise it"),
                ("preemptions rise with it", "it is too high for the KV cache: lower it"),
            ),
            _ask(
                "How long are prompts and answers?", "vllm-tuning", "Prompt length, in tokens",
                ("one hump", "one kind of use"), ("bars far to the end", "few long prompts: chunked prefill keeps them from stopping the others"),
            ),
            _ask(
                "How much prefill does the prefix cache save?", "vllm-tuning", "Prefill of a request: computed and saved",
                ("saved above computed", "it halves the wait at least: send alike prompts to the same engine"), ("saved near 0", "prompts don't begin alike, or the cache is too small to keep them"),
            ),
            _ask(
                "What does speculation gain net?", "vllm-tuning", "What speculation gains",
                ("both lines above 1", "it pays at any load"), ("the lower line below 1", "it pays while few requests run; with many it costs"),
            ),
        ),
    ),
    Topic(
        "Does it fail?",
        (
            _ask(
                "Do requests fail?", "vllm-overview", "Errors, worst",
                ("0 %", "vLLM counts none; it usually does not count client disconnects"), ("empty", "vLLM before 0.13 counts no errors: look at HTTP 5xx"),
            ),
            _ask(
                "Does the HTTP server fail?", "vllm-throughput", "HTTP requests per second, by status",
                ("4xx", "the client asks for something wrong, such as a prompt that is too long"), ("5xx", "the server fails"),
            ),
            _ask(
                "Are answers cut off?", "vllm-throughput", "Cut off by length, by model",
                ("much", "clients ask for too few tokens, or the model does not stop"),
            ),
            _ask(
                "Do KV transfers fail?", "vllm-features", "Failed KV transfers/s",
                ("0", "none"), ("above 0", "prompts are computed twice: look at the network between prefill and decode"),
            ),
        ),
    ),
    Topic(
        "Does it pay?",
        (
            _ask(
                "How many tokens do we make?", "vllm-throughput", "Output tokens per second, by model",
                ("*max*", "what the model's engines have shown they can do"),
            ),
            _ask(
                "Does prefix caching pay?", "vllm-kv-cache", "Prefix cache hit ratio, by model",
                ("40 %", "40 of 100 prompt tokens need no computing"), ("near 0", "prompts don't begin alike, or replicas are chosen at random"),
            ),
            _ask(
                "Does speculative decoding pay?", "vllm-features", "Draft acceptance, worst",
                ("above 60 %", "most drafts are used"), ("below 30 %", "drafts cost more than they save"),
            ),
            _ask(
                "Where do cached prompt tokens come from?", "vllm-features", "Cached prompt tokens per second, by tier",
                ("device", "the GPU's own cache"), ("host, disk or p2p", "offloading and transfers pay: these tokens need no computing"),
            ),
            _ask(
                "Does KV offloading keep up?", "vllm-features", "Speed of loads and stores",
                ("far below the bus", "transfers are too small: see *Size of a load and of a store, mean*"), ("failed allocations", "stores find no room in CPU memory"),
            ),
            _ask(
                "What does a million tokens cost?", "vllm-capacity", "Cost per M output, most",
                ("a number", "of the model that costs most, in the currency of the settings' prices (`price_per_engine_hour`), or of the price typed in above the board"),
            ),
            _ask(
                "What did the week cost, and how much of it was idle?", "vllm-capacity", "Models, over the time range",
                ("*Idle* above 60 %", "fewer engines do, or a scaler that takes them away at night"),
                ("*Idle* near 0", "no engine is spare: look at *KV cache over* and *Room, one gone*"),
            ),
            _ask(
                "How hard do the GPUs work?", "vllm-features", "FLOP/s per GPU, by engine",
                ("a number", "divide it by the GPU's peak: the model FLOPs utilization"),
            ),
            _ask(
                "Do engines of a model differ in their settings?", "vllm-engines", "Configurations",
                ("1", "no"), ("2 or more", "a half-finished rollout: *Cache configuration* shows which"),
            ),
        ),
    ),
)

# On the page where the settings join GPUs and pods to engines.
BESIDE = Topic(
    "Is it the GPU, or the pod?",
    (
        _ask(
            "Is it the GPU?", "vllm-gpu", "GPUs and pods of all servers",
            ("*Throttled* above 50 %", "heat or the power supply slows all requests of that server"),
            ("a *Fault*", "look the code up in the runbook of VllmGpuFault before anything else"),
            ("neither, and a *Temperature*", "its GPU is seen and reports nothing: look elsewhere"),
            ("no row", "nothing is joined: `vllm-obs doctor` says why"),
        ),
        _ask(
            "Was the server killed, or its pod evicted?", "vllm-gpu", "Container restarts in an hour",
            ("above 0", "its container was started again: *Killed for memory* says whether it took more memory of the host than it may"),
            ("no line", "kube-state-metrics is not scraped"),
        ),
    ),
)
