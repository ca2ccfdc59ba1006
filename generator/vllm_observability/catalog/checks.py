"""Bounds on signals: the only thresholds there are. One row gives alerts, lines on panels, a finding and its advice.

Every number is a default for unknown hardware and load; settings override it, for all models or for some.
"""

from __future__ import annotations

from vllm_observability.catalog import failure_signals as x
from vllm_observability.catalog import fleet_checks
from vllm_observability.catalog import metrics as m
from vllm_observability.catalog import signals as s
from vllm_observability.model import Bound, Check, Condition, Over

ENOUGH_REQUESTS = Condition(
    s.FINISHED_TOTAL, ">=", 20, "under 20 finished requests one of them moves the share by 5 points"
)
ENOUGH_PREEMPTED = (ENOUGH_REQUESTS, Condition(s.PREEMPTIONS, ">=", 10, "two or three in five minutes are a batch's peak"))
ENOUGH_FIRST_TOKENS = Condition(s.TTFT_COUNT, ">=", 20, "a 95th percentile of fewer than 20 is a single request")
ENOUGH_GAPS = Condition(s.ITL_COUNT, ">=", 200, "a 95th percentile of a few gaps is one hiccup")
ENOUGH_QUEUED = Condition(s.QUEUE_COUNT, ">=", 5, "a mean of fewer than five is anecdote")
ENOUGH_HTTP = Condition(s.HTTP_ANSWERED, ">=", 20, "under 20 calls one of them moves the share by 5 points")
ENOUGH_DRAFTS = Condition(s.SPEC_DRAFTED, ">=", 1000, "a few hundred draft tokens are one answer's style")
# A tenth and a fifth of the users: seconds that the work explains are no reason to wake anybody.
_UNEXPLAINED = "prompts of this length explain the rest: nobody waits for others"
SOME_LATE = Condition(s.LATE_STARTS, ">=", 0.10, _UNEXPLAINED, by_default=True)
MANY_LATE = Condition(s.LATE_STARTS, ">=", 0.20, _UNEXPLAINED, by_default=True)
_INTERRUPTED = "a gap now and then is a prompt that was let in between: most answers flow"
SOME_SLOW = Condition(s.SLOW_ANSWERS, ">=", 0.10, _INTERRUPTED, by_default=True)
MANY_SLOW = Condition(s.SLOW_ANSWERS, ">=", 0.20, _INTERRUPTED, by_default=True)
UNDER_LOAD = Condition(s.RUNNING, ">=", 1, "without running requests there is no throughput to lose")

KV_CACHE_USAGE = Check(
    "kv_cache_usage", "VllmKvCacheUsageHigh", "cache", s.KV_USAGE, ">",
    (
        Bound(
            "warning", 0.80, "10m",
            "one long prompt can fill the rest; ten minutes tell a lasting level from the peak of a batch",
            when=(Condition(s.WAITING, ">", 0, "while nobody waits, a well-filled cache is well used"),),
        ),
        Bound(
            "critical", 0.95, "5m", "the cache is full and requests queue; a full cache alone is normal for a batch job",
            when=(Condition(s.WAITING, ">", 0, "a full cache hurts only when somebody waits"),),
        ),
    ),
    title="KV cache is filling up",
    summary="The KV cache of a vLLM engine is nearly full.",
    description="KV cache of {{ $labels.instance }} engine {{ $labels.engine }} ({{ $labels.model_name }}) is {value} full, "
    "and requests wait (threshold {bound}).",
    cause="More or longer requests run at once than the KV cache has blocks for; next come preemptions and queueing.",
    advice="Lower --max-num-seqs or --max-model-len, raise --gpu-memory-utilization, use --kv-cache-dtype fp8, or add a "
    "replica.",
    level="engine",
    peak=True,  # each preemption frees blocks, until the next step takes them
)
KV_CACHE_FILLED = Check(
    "kv_cache_filled", "VllmKvCacheUsageHigh", "cache", s.KV_USAGE, ">",
    (
        Bound(
            "info", 0.80, "10m", "nobody waits yet, but one long prompt can fill the rest",
            when=(Condition(s.WAITING, "<=", 0, "where requests wait it is more than information", True),),
        ),
    ),
    title="KV cache is well filled",
    summary="The KV cache of a vLLM engine is well filled, and nobody waits.",
    description="KV cache of {{ $labels.instance }} engine {{ $labels.engine }} ({{ $labels.model_name }}) is {value} full "
    "(threshold {bound}).",
    cause="The load makes good use of the cache; nothing is lost until requests wait or are preempted.",
    advice="Nothing to do now; before the load grows, add a replica or lower --max-model-len.",
    level="engine",
    labels=(("of", "use"),),
)
REQUESTS_WAITING = Check(
    "requests_waiting", "VllmRequestsWaiting", "scalability", s.WAITING_PER_ENGINE, ">",
    (
        Bound("warning", 10, "5m", "a queue that stays for minutes means arrivals outrun the engine, whatever its size"),
        Bound("critical", 50, "5m", "at a few requests per second an interactive client is about to time out"),
    ),
    title="Requests are queueing",
    summary="Requests wait for a place in the batch of a vLLM engine.",
    description="{{ $labels.model_name }} has {value} requests waiting per engine (threshold {bound}).",
    cause="Requests arrive faster than they finish: the batch is at --max-num-seqs, or the KV cache is full.",
    advice="Add a replica; or raise --max-num-seqs while KV cache usage leaves room, which slows each request a little.",
)
TTFT = Check(
    "ttft", "VllmTimeToFirstTokenHigh", "performance", s.TTFT_P95, ">",
    (
        Bound("warning", 1.0, "10m", "a second is where a chat user notices the wait", when=(ENOUGH_FIRST_TOKENS, SOME_LATE)),
        Bound("critical", 2.5, "10m", "users give up after two seconds, and this is the next bucket bound",
              when=(ENOUGH_FIRST_TOKENS, MANY_LATE)),
    ),
    title="First tokens are slow",
    summary="Time to first token of a vLLM model is high.",
    description="p95 time to first token of {{ $labels.model_name }} is {value} (threshold {bound}).",
    cause="Requests queue, long prompts delay prefill, or the API server is slow; compare the time to first token with queue time and prefill time.",
    advice="If queue time is high, add replicas; if prefill time is high, turn on prefix caching or raise "
    "--max-num-batched-tokens; if neither is, start more API servers with --api-server-count.",
)
ITL = Check(
    "itl", "VllmInterTokenLatencyHigh", "performance", s.ITL_P95, ">",
    (
        Bound("warning", 0.1, "10m", "people read about ten tokens a second", when=(ENOUGH_GAPS, SOME_SLOW)),
        Bound("critical", 0.25, "10m", "at four tokens a second text stutters", when=(ENOUGH_GAPS, MANY_SLOW)),
    ),
    title="Text flows slowly",
    summary="Inter-token latency of a vLLM model is high.",
    description="p95 inter-token latency of {{ $labels.model_name }} is {value} (threshold {bound}).",
    cause="The batch is large for the GPU, or prefills of long prompts interleave with decode.",
    advice="Lower --max-num-seqs or --max-num-batched-tokens: fewer requests at once, each of them faster.",
)
QUEUE_TIME = Check(
    "queue_time", "VllmQueueTimeHigh", "scalability", s.QUEUE_MEAN, ">",
    (
        Bound("warning", 1.0, "10m", "a chat allows a second of waiting; the mean is judged because buckets start at 0.3 s",
              when=(ENOUGH_QUEUED, SOME_LATE)),
        Bound("critical", 10.0, "10m", "clients begin to time out and retry, which feeds the queue",
              when=(ENOUGH_QUEUED, MANY_LATE)),
    ),
    title="Requests wait long before they run",
    summary="Requests to a vLLM model spend long in the queue.",
    description="Requests to {{ $labels.model_name }} wait {value} on average before they run (threshold {bound}).",
    cause="Demand is over capacity for longer than a burst.",
    advice="Add a replica, or limit what clients may send (max_tokens, rate) at the gateway.",
)
THROUGHPUT = Check(
    "throughput_dropped", "VllmThroughputDropped", "performance", s.THROUGHPUT_CHANGE, "<",
    (
        Bound("warning", 0.55, "10m", "the most common fault, a throttled clock, halves the speed; a change in the load mix moves it less",
              when=(UNDER_LOAD,)),
    ),
    title="Tokens per second fell",
    summary="Tokens per second for each running request fell sharply.",
    description="{{ $labels.model_name }} makes {value} of its earlier tokens per running request "
    "(threshold {bound}).",
    cause="Preemptions, a slow or throttled GPU, much longer contexts, or a batch that grew.",
    advice="Look at preemptions and inter-token latency per engine first; a single slow engine is a GPU or host problem.",
)
PREEMPTIONS = Check(
    "preemptions", "VllmPreemptionsHigh", "cache", s.PREEMPTIONS_PER_REQUEST, ">",
    (
        Bound("warning", 0.05, "10m", "each preemption computes a prompt and its partial answer again", when=ENOUGH_PREEMPTED),
        Bound("critical", 0.20, "10m", "a fifth of the work is done twice: throughput collapses", when=ENOUGH_PREEMPTED),
    ),
    title="Requests are preempted",
    summary="A vLLM model preempts requests because its KV cache is full.",
    description="{{ $labels.model_name }} preempts {value} times per finished request (threshold {bound}).",
    cause="More requests run at once than the KV cache can hold to their end.",
    advice="Lower --max-num-seqs so that fewer run at once, or raise --gpu-memory-utilization.",
)
REQUEST_ERRORS = Check(
    "request_errors", "VllmRequestErrorsHigh", "health", s.ERROR_SHARE, ">",
    (
        Bound("warning", 0.01, "5m", "a healthy server has none", when=(ENOUGH_REQUESTS,)),
        Bound("critical", 0.05, "5m", "one in twenty users sees a failure", when=(ENOUGH_REQUESTS,)),
    ),
    title="Requests end with an error",
    summary="Requests to a vLLM model end with an error.",
    description="{value} of the requests to {{ $labels.model_name }} finish with an error (threshold {bound}).",
    cause="The engine fails requests: out of memory, a failed KV transfer, an unsupported input.",
    advice="Read the server's log around the first error; a restart only helps if a worker has died.",
    still=Over("rate", m.REQUEST_SUCCESS, where=(("finished_reason", "=", "error"),)),
)
FEW_ERRORS = Check(
    "few_requests_errors", "VllmRequestErrorsHigh", "health", x.FEW_ERRORS, ">",
    (
        Bound("warning", 0.05, "5m", "ten failures among a few hundred requests are no accident"),
        Bound("critical", 0.50, "5m", "more requests fail than succeed, however few there are"),
    ),
    title="Many of a few requests end with an error",
    summary="Many of the few requests to a vLLM model end with an error.",
    description="{value} of the few requests to {{ $labels.model_name }} finish with an error (threshold {bound}).",
    cause="The engine fails requests: out of memory, a failed KV transfer, an unsupported input.",
    advice="Read the server's log around the last error, and send one request of that kind by hand.",
    labels=(("of", "few"),),
)
HTTP_ERRORS = Check(
    "http_server_errors", "VllmHttpServerErrorsHigh", "health", s.HTTP_ERROR_SHARE, ">",
    (
        Bound("warning", 0.01, "5m", "client mistakes are 4xx; 5xx is the server's own failure", when=(ENOUGH_HTTP,)),
        Bound("critical", 0.05, "5m", "one in twenty calls fails", when=(ENOUGH_HTTP,)),
    ),
    title="HTTP requests fail with 5xx",
    summary="A vLLM API server answers with 5xx.",
    description="{value} of the HTTP requests to vLLM's API servers fail with 5xx (threshold {bound}).",
    cause="The engine is dead or overloaded (503: admission limits), or requests hit a server bug.",
    advice="Compare with the finish reasons: 5xx without engine errors comes from the API server or its limits.",
    still=Over("rate", m.HTTP_REQUESTS, where=(s.INFERENCE, ("status", "=~", "5.."))),
)
HTTP_ERRORS_OF_MODEL = Check(
    "http_server_errors_model", "VllmHttpServerErrorsHigh", "health", x.MODEL_HTTP_ERRORS, ">",
    (
        Bound("warning", 0.01, "5m", "client mistakes are 4xx; 5xx is the server's own failure"),
        Bound("critical", 0.05, "5m", "one in twenty calls fails"),
    ),
    title="HTTP requests to one model fail with 5xx",
    summary="The servers of one vLLM model answer with 5xx.",
    description="{value} of the HTTP requests to the servers of {{ $labels.model_name }} fail with 5xx (threshold {bound}).",
    cause="The servers of this model are broken or overloaded; other models in the job may be fine.",
    advice="Look at the last change of this model: image, weights, flags; its servers' logs name the error.",
    labels=(("of", "model"),),
)
HTTP_ERRORS_OF_SERVER = Check(
    "http_server_errors_server", "VllmHttpServerErrorsHigh", "health", x.SERVER_HTTP_ERRORS, ">",
    (
        Bound("warning", 0.05, "5m", "one failing server among many hardly moves the share of all"),
        Bound("critical", 0.50, "5m", "a server that fails fast gets more and more from a router that counts requests in flight"),
    ),
    title="One server fails HTTP requests with 5xx",
    summary="One vLLM API server answers with 5xx.",
    description="{value} of the HTTP requests to {{ $labels.instance }} fail with 5xx (threshold {bound}).",
    cause="The engine behind this server is dead or its GPU is faulty, while its health probe still passes.",
    advice="Take the server out of the router, save its log, and restart it.",
    level="target",
    labels=(("of", "server"),),
)
FEW_HTTP_ERRORS = Check(
    "few_requests_http_errors", "VllmHttpServerErrorsHigh", "health", x.FEW_HTTP_ERRORS, ">",
    (
        Bound("warning", 0.05, "5m", "ten failures among a few hundred calls are no accident"),
        Bound("critical", 0.50, "5m", "more calls fail than succeed, however few there are"),
    ),
    title="Many of a few HTTP requests fail with 5xx",
    summary="Many of the few HTTP requests to a vLLM API server fail with 5xx.",
    description="{value} of the few HTTP requests to {{ $labels.instance }} fail with 5xx (threshold {bound}).",
    cause="The engine behind this server is dead, or the kind of request that it gets hits a bug.",
    advice="Read the server's log around the last error, and send one request of that kind by hand.",
    level="target",
    labels=(("of", "few"),),
)
ABORTS = Check(
    "aborts", "VllmAbortsHigh", "health", s.ABORT_SHARE, ">",
    (Bound("info", 0.20, "15m", "users cancel now and then; a fifth means they don't like the wait", when=(ENOUGH_REQUESTS,)),),
    title="Many requests are aborted",
    summary="Many requests to a vLLM model are aborted.",
    description="{value} of the requests to {{ $labels.model_name }} are aborted (threshold {bound}).",
    cause="Clients cancel or time out; vLLM counts only some of the disconnects, so the true share is higher.",
    advice="Compare the clients' time-outs with end-to-end latency before touching the server.",
)
UNCOUNTED_ABORTS = Check(
    "uncounted_aborts", "VllmAbortsHigh", "health", x.UNCOUNTED_ABORTS, ">",
    (Bound("info", 0.20, "15m", "a fifth of the users leave; restarts and long answers explain less"),),
    title="Many requests begin and never end",
    summary="Many requests to a vLLM model begin and never end.",
    description="{value} of the requests to {{ $labels.model_name }} got a first token and never finished (threshold {bound}).",
    cause="Clients hang up while the answer is written; vLLM does not count most of them.",
    advice="Compare the clients' time-outs with end-to-end latency and with the pace of the text.",
    labels=(("of", "uncounted"),),
)
TRAFFIC_GONE = Check(
    "traffic_gone", "VllmTrafficStopped", "health", x.TRAFFIC_GONE, ">",
    (Bound("warning", None, "15m", "there was no such pause in the hour before"),),
    title="Requests stopped coming",
    summary="Requests to a vLLM model stopped coming all at once.",
    description="{{ $labels.model_name }} had requests all the time an hour ago and has had none since.",
    cause="The gateway, its route, or a client in front of the engines broke: no error reaches vLLM.",
    advice="Send a request through the gateway; if the traffic was meant to end, there is nothing to do.",
)
ANSWERS_COLLAPSED = Check(
    "answers_collapsed", "VllmAnswersCollapsed", "health", x.ANSWERS_COLLAPSED, "<",
    (Bound("info", 0.2, "10m", "prompts of the same length got long answers an hour ago"),),
    title="Answers collapsed to a token or two",
    summary="Answers of a vLLM model collapsed to a token or two.",
    description="Answers of {{ $labels.model_name }} have {value} of their length of an hour ago (threshold {bound}).",
    cause="A chat template, tokenizer or stop token that does not fit the model, often after a deployment.",
    advice="Send a prompt by hand and read the answer; compare chat template and generation config with the last version.",
)
TRUNCATION = Check(
    "output_truncation", "VllmOutputTruncationHigh", "health", s.LENGTH_SHARE, ">",
    (Bound("info", 0.30, "30m", "some clients set max_tokens on purpose; a third is rarely on purpose", when=(ENOUGH_REQUESTS,)),),
    title="Answers are cut off",
    summary="Many answers of a vLLM model are cut off by a token limit.",
    description="{value} of the answers of {{ $labels.model_name }} end at their token limit (threshold {bound}).",
    cause="The limit of the requests (max_tokens), or --max-model-len, is too low for what users ask.",
    advice="Raise max_tokens in the clients, or --max-model-len while the KV cache has room.",
)
SPEC_ACCEPTANCE = Check(
    "spec_decode_acceptance", "VllmSpecDecodeAcceptanceLow", "performance", s.SPEC_ACCEPTANCE, "<",
    (Bound("info", 0.30, "30m", "below about a third, drafts cost more than they save", when=(ENOUGH_DRAFTS,)),),
    title="Speculative drafts are rejected",
    summary="Speculative decoding of a vLLM model accepts few draft tokens.",
    description="{{ $labels.model_name }} accepts {value} of the draft tokens (threshold {bound}).",
    cause="The draft model or n-gram method doesn't fit this traffic.",
    advice="Lower num_speculative_tokens in --speculative-config, or turn speculation off under high load.",
)

# In the order of triage: is it there, does it fail, is it slow, is it full, does it drift.
ALL: tuple[Check, ...] = (
    *fleet_checks.ALL,
    *(value for value in list(globals().values()) if isinstance(value, Check)),
)
BY_ID: dict[str, Check] = {check.id: check for check in ALL}
