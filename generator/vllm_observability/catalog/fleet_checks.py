"""Checks on targets, engines and fleets: is it there, does it move, does one differ from the others."""

from __future__ import annotations

from vllm_observability.catalog import failure_signals as x
from vllm_observability.catalog import fleet_signals as f
from vllm_observability.catalog import signals as s
from vllm_observability.model import Bound, Check, Condition

TARGET_DOWN = Check(
    "target_down", "VllmTargetDown", "health", f.TARGET_DOWN, ">",
    (
        Bound(
            "critical", None, "2m", "two minutes are longer than any restart of Prometheus and a few lost scrapes; half of a "
            "deployment is what the rest can't carry",
        ),
    ),
    title="A vLLM server can't be scraped",
    summary="Prometheus can't scrape a vLLM server.",
    description="Prometheus can't scrape {{ $labels.instance }}.",
    cause="The process is gone or restarting, its host is unreachable, or a network policy blocks the port.",
    advice="Look at the process or pod first; if it serves requests, the scrape path, port or policy is wrong.",
    level="target",
)
TARGET_DOWN_ALONE = Check(
    "target_down_alone", "VllmTargetDown", "health", f.TARGET_DOWN_ALONE, ">",
    (
        Bound(
            "warning", None, "10m", "a restart in place takes minutes to load the weights, while the others serve; past ten "
            "it won't come back by itself",
        ),
    ),
    title="One of several vLLM servers can't be scraped",
    summary="Prometheus can't scrape one of several vLLM servers.",
    description="Prometheus can't scrape {{ $labels.instance }}, while most of its deployment answers.",
    cause="One process or host is gone, or restarts and does not get ready.",
    advice="Look at this process or pod and its host; the other servers carry its share meanwhile.",
    level="target",
    labels=(("of", "one"),),
)
TARGET_NEVER_UP = Check(
    "target_never_up", "VllmTargetDown", "health", f.TARGET_NEVER_UP, ">",
    (Bound("warning", None, "20m", "a large model takes many minutes to load, and answers no scrape before"),),
    title="A new vLLM server does not come up",
    summary="A new vLLM server has never answered Prometheus.",
    description="{{ $labels.instance }} has been a scrape target for a while and has never answered.",
    cause="It crashes while it loads, waits for a GPU, or the scrape uses another port or path.",
    advice="Read its log: it says how far loading is. If the server answers, correct the port, path or network policy.",
    level="target",
    labels=(("of", "start"),),
)
SCRAPES_FAILING = Check(
    "scrapes_failing", "VllmScrapesFailing", "health", f.SCRAPES_FAILING, ">",
    (Bound("warning", 0.1, "10m", "a lost scrape now and then is normal; one in ten leaves gaps in every rate"),),
    title="Scrapes fail now and then",
    summary="Scrapes of a vLLM server fail now and then.",
    description="{value} of the scrapes of {{ $labels.instance }} fail (threshold {bound}).",
    cause="Scrapes take as long as their time-out, the network loses them, or the server keeps restarting.",
    advice="Compare the scrape's duration with its time-out; raise the time-out or drop series that nothing reads.",
    level="target",
)
MODEL_VANISHED = Check(
    "model_vanished", "VllmModelVanished", "health", f.MODEL_VANISHED, ">",
    (Bound("critical", None, "5m", "a rolling update of the last replica takes a few minutes; longer is an outage"),),
    title="A model has no engine left",
    summary="A model that was served has no vLLM engine left.",
    description="{{ $labels.model_name }} was in use when its last engine went, and has none.",
    cause="All replicas crashed, were removed while requests ran, or are no longer discovered as targets.",
    advice="Look at the last replica's log; if it was removed on purpose, drain it first the next time.",
)
REPLICAS_LOST = Check(
    "replicas_lost", "VllmReplicasLost", "health", f.REPLICAS_LOST, ">",
    (Bound("warning", None, "10m", "a crashed replica is back within minutes, a rollout replaces one after the other"),),
    title="Half of a model's engines are gone",
    summary="A vLLM model lost half of its engines or more while they had requests.",
    description="{{ $labels.model_name }} has half of its usual engines or fewer: others went while they had requests.",
    cause="A node, a zone or a quota is gone, or replicas crashed together and don't come back.",
    advice="Look at the nodes of the lost replicas first; until they are back, shed load or add replicas elsewhere.",
)
RESTARTING = Check(
    "restarting", "VllmRestarting", "health", f.RESTARTS, ">",
    (Bound("warning", 1, "0m", "one restart is a deployment, two in half an hour are a crash loop"),),
    title="An engine keeps restarting",
    summary="A vLLM engine keeps restarting.",
    description="{{ $labels.instance }} ({{ $labels.model_name }}) restarted {value} times in 30 minutes.",
    cause="Out of memory at start or under load, a failing health probe, a crashing worker.",
    advice="Read the log of the previous run; if it ran out of memory, lower --gpu-memory-utilization or --max-num-seqs.",
    level="engine",
)
RESTARTING_SLOWLY = Check(
    "restarting_slowly", "VllmRestarting", "health", f.RESTARTS_SLOW, ">",
    (Bound("warning", 3, "0m", "three restarts are a day of deployments; a fourth in six hours is a slow crash loop"),),
    title="An engine restarts every hour or two",
    summary="A vLLM engine keeps restarting over hours.",
    description="{{ $labels.instance }} ({{ $labels.model_name }}) restarted {value} times in 6 hours (threshold {bound}).",
    cause="A leak, a request that comes now and then, or a probe that kills a busy server.",
    advice="Read the log of the previous runs, and compare what came just before each end.",
    level="engine",
    labels=(("window", "6h"),),
)
STARTING = Check(
    "starting_again", "VllmRestarting", "health", f.STARTS_UNSEEN, ">",
    (Bound("warning", 1, "0m", "one start is a deployment, two in half an hour are a crash loop"),),
    title="A server keeps starting without work",
    summary="A vLLM server keeps starting without getting to work.",
    description="{{ $labels.instance }} started {value} times in 30 minutes, without work in between.",
    cause="It crashes at its first request, or before it gets one.",
    advice="Read the log of the previous run; send one small request by hand after the next start.",
    level="target",
    labels=(("of", "process"),),
)
STARTING_SLOWLY = Check(
    "starting_again_slowly", "VllmRestarting", "health", f.STARTS_SLOW, ">",
    (Bound("warning", 3, "0m", "three starts are a day of deployments; a fourth in six hours is not"),),
    title="A server starts every hour or two without work",
    summary="A vLLM server keeps starting over hours without getting to work.",
    description="{{ $labels.instance }} started {value} times in 6 hours, without work in between (threshold {bound}).",
    cause="It crashes at its first request, which comes rarely, or a probe kills it while it loads.",
    advice="Read the log of the previous runs, and give the start-up probe the time that loading takes.",
    level="target",
    labels=(("of", "process"), ("window", "6h")),
)
MOVING = Check(
    "restarting_elsewhere", "VllmRestarting", "health", f.ADDRESSES, ">",
    (Bound("warning", 1, "0m", "a rollout doubles the addresses at most, and one more replica may come and go"),),
    title="Servers of a model keep being replaced",
    summary="Servers of a vLLM model keep being replaced.",
    description="{{ $labels.model_name }} was served at {value} more addresses in an hour than a rollout explains.",
    cause="Pods crash or are evicted, and each new one has another name and address.",
    advice="Look at the last pods' exit reasons and the events of their nodes.",
    labels=(("of", "address"),),
)
MOVING_SLOWLY = Check(
    "restarting_elsewhere_slowly", "VllmRestarting", "health", f.ADDRESSES_SLOW, ">",
    (Bound("warning", 1, "0m", "two rollouts in six hours that wait for no request lose each replica twice"),),
    title="Servers of a model keep being replaced over hours",
    summary="Servers of a vLLM model keep being replaced over hours.",
    description="{{ $labels.model_name }} lost {value} more servers with requests on them in 6 hours than two rollouts "
    "explain.",
    cause="Pods crash or are evicted every hour or so, and each new one has another name and address.",
    advice="Look at the last pods' exit reasons and the events of their nodes.",
    labels=(("of", "address"), ("window", "6h")),
)
STALLED = Check(
    "engine_stalled", "VllmEngineStalled", "health", f.STALLED, ">",
    (Bound("critical", None, "5m", "no step takes minutes; compilation at start does, but no request runs then"),),
    title="The engine stands still",
    summary="A vLLM engine has requests but makes no progress.",
    description="{{ $labels.instance }} engine {{ $labels.engine }} ({{ $labels.model_name }}) has {value} requests, "
    "but makes neither a step nor a token.",
    cause="The engine process hangs or has died; the API server answers, and /health can stay 200.",
    advice="Save the log and a stack dump (py-spy dump), then restart the server.",
    level="engine",
)
METRICS_MISSING = Check(
    "metrics_missing", "VllmMetricsMissing", "health", f.METRICS_MISSING, ">",
    (Bound("warning", None, "10m", "a server shows its engine's metrics as soon as it has loaded the model"),),
    title="A server shows no engine metrics",
    summary="A vLLM server is up but exposes no engine metrics.",
    description="{{ $labels.instance }} is up, but exposes no metric of the engine.",
    cause="--disable-log-stats, a wrong port (router, proxy), another prefix, or a model that is still loading.",
    advice="Start vLLM without --disable-log-stats; if names have another prefix, set metric_prefixes and build again.",
    level="target",
)
FAMILIES_MISSING = Check(
    "families_missing", "VllmMetricsMissing", "health", f.FAMILIES_MISSING, ">",
    (Bound("warning", None, "10m", "a restart shows all of them again within a scrape or two"),),
    title="A server lost some of its metrics",
    summary="A vLLM server works, but lost some of its engine metrics.",
    description="{{ $labels.instance }} works, but no longer shows some metrics of the engine that it showed before.",
    cause="A relabel rule that drops too much, an upgrade, or a limit on the samples of a scrape.",
    advice="Compare the page with what Prometheus has of it, and correct the relabel rule or the limit.",
    level="target",
    labels=(("of", "family"),),
)
RULES_MISSING = Check(
    "recording_rules_missing", "VllmRecordingRulesMissing", "health", f.RULES_MISSING, ">",
    (Bound("warning", None, "10m", "ten minutes is twenty evaluations"),),
    title="Recording rules are not loaded",
    summary="Recording rules of a scraped vLLM are missing or fail.",
    description="Engines are scraped, but the recording rules yield nothing for them: most alerts can't fire.",
    cause="The file vllm-recording-rules.yaml is not loaded, or its groups fail to evaluate.",
    advice="Load vllm-recording-rules.yaml beside vllm-alerts.yaml, and look at Prometheus' rules page for errors.",
    level="scope",
)
SCRAPED_SELDOM = Check(
    "scraped_seldom", "VllmScrapedTooSeldom", "health", f.SCRAPED_SELDOM, ">",
    (Bound("info", None, "30m", "new servers have few samples for a while"),),
    title="Servers are scraped less often than the rules expect",
    summary="Prometheus scrapes vLLM servers less often than these rules were built for.",
    description="Prometheus scrapes vLLM servers once in {{ $value | humanizeDuration }}, less often than the rules expect: stalls "
    "and failed scrapes are noticed late.",
    cause="The scrape interval in Prometheus is longer than the settings' scrape_interval.",
    advice="Set scrape_interval in the settings to that of Prometheus and build again, or scrape more often.",
    level="scope",
)
SCRAPE_SLOW = Check(
    "scrape_slow", "VllmScrapeSlow", "health", f.SCRAPE_SHARE, ">",
    (Bound("warning", 0.5, "10m", "a scrape longer than its interval fails; half of it leaves time to act"),),
    title="Scrapes are slow",
    summary="Scraping a vLLM server takes long.",
    description="A scrape of {{ $labels.instance }} takes {value} of its interval (threshold {bound}).",
    cause="The API server is busy (its event loop serves /metrics too), or the page has grown very large.",
    advice="Scrape less often, drop series that nothing reads, or give the API server more CPU (--api-server-count).",
    level="target",
)
# Of a model with hardly any traffic each engine's mean is a few requests.
_ALIKE = Condition(f.PREFILL_ENGINES, "<=", 0, "prefill and decode engines differ on purpose", True)
_WORKS = Condition(f.IDLE_HOUR, "<=", 0, "a retired data-parallel rank leaves rows that never move again", True)
_ENOUGH_FIRST_TOKENS = Condition(s.TTFT_COUNT, ">=", 60, "under 60 first tokens of a model each engine has a handful")
_ENOUGH_GAPS = Condition(s.ITL_COUNT, ">=", 600, "a mean of a few gaps is one hiccup")
OUTLIER_TTFT = Check(
    "engine_outlier_ttft", "VllmEngineOutlier", "performance", f.OUTLIER_TTFT, ">",
    (
        Bound(
            "warning", 2, "15m", "engines of one model share their load's mix; twice the median is not chance",
            when=(_ENOUGH_FIRST_TOKENS, _ALIKE),
        ),
    ),
    title="One engine is slow to answer",
    summary="One vLLM engine is much slower than the others of its model.",
    description="First tokens of {{ $labels.instance }} engine {{ $labels.engine }} ({{ $labels.model_name }}) take "
    "{value} times the median of the model's engines (threshold {bound}).",
    cause="A throttled or faulty GPU, a noisy neighbour, or a router that sends it more or longer prompts.",
    advice="Drain the engine and compare it without load; if it is fast then, the router is at fault.",
    level="engine",
    labels=(("of", "ttft"),),
)
OUTLIER_ITL = Check(
    "engine_outlier_itl", "VllmEngineOutlier", "performance", f.OUTLIER_ITL, ">",
    (
        Bound(
            "warning", 2, "15m", "engines of one model share their load's mix; twice the median is not chance",
            when=(_ENOUGH_GAPS,),
        ),
    ),
    title="One engine is slow to write",
    summary="One vLLM engine is much slower than the others of its model.",
    description="Tokens of {{ $labels.instance }} engine {{ $labels.engine }} ({{ $labels.model_name }}) take {value} "
    "times the median of the model's engines (threshold {bound}).",
    cause="A throttled or faulty GPU, a noisy neighbour, or a batch that is larger than the others'.",
    advice="Look at the GPU's clocks and temperature; drain the engine if they are off.",
    level="engine",
    labels=(("of", "itl"),),
)
IMBALANCE_KV = Check(
    "load_imbalance_kv", "VllmLoadImbalance", "scalability", f.IMBALANCE_KV, ">",
    (
        Bound(
            "info", 0.30, "15m", "sessions of different length make 10 to 20 points; 30 for a quarter of an hour is routing",
            when=(_ALIKE, _WORKS),
        ),
    ),
    title="KV cache is used unevenly",
    summary="Load is spread unevenly over the engines of a vLLM model.",
    description="KV cache usage of {{ $labels.instance }} engine {{ $labels.engine }} ({{ $labels.model_name }}) is "
    "{value} away from the mean (threshold {bound}).",
    cause="Sticky sessions or prefix-aware routing that prefer some engines, or a new replica that is not used yet.",
    advice="Look at the router's policy; prefix-aware routing is uneven on purpose.",
    level="engine",
    labels=(("of", "kv_cache"),),
)
IMBALANCE_RUNNING = Check(
    "load_imbalance_running", "VllmLoadImbalance", "scalability", f.IMBALANCE_RUNNING, ">",
    (Bound("info", 2, "15m", "twice or half the mean for a quarter of an hour is not chance", when=(_ALIKE, _WORKS)),),
    title="Requests are spread unevenly",
    summary="Load is spread unevenly over the engines of a vLLM model.",
    description="{{ $labels.instance }} engine {{ $labels.engine }} ({{ $labels.model_name }}) runs {value} times as "
    "many or as few requests as the mean (threshold {bound}).",
    cause="A router that doesn't balance, long-lived connections to one replica, or a data-parallel rank without requests.",
    advice="Balance by requests in flight, not by connections; with data parallelism, check that all ranks get requests.",
    level="engine",
    labels=(("of", "running"),),
)
CONFIG_DRIFT = Check(
    "config_drift", "VllmConfigDrift", "health", f.CONFIG_VARIANTS, ">",
    (Bound("info", 1, "30m", "a rolling update is over by then", when=(_ALIKE,)),),
    title="Engines of one model are configured differently",
    summary="Engines of one vLLM model differ in their cache configuration.",
    description="The engines of {{ $labels.model_name }} run with {value} different cache configurations.",
    cause="A half-finished rollout, or a replica started by hand.",
    advice="Compare block_size, cache_dtype, enable_prefix_caching and gpu_memory_utilization in cache_config_info.",
)
QUEUE_DRAIN = Check(
    "queue_drain", "VllmQueueDrainSlow", "scalability", f.QUEUE_DRAIN, ">",
    (
        Bound("warning", 30, "5m", "a new request waits half a minute before its first token"),
        Bound("critical", 120, "5m", "clients and proxies give up before that"),
    ),
    title="The queue drains slowly",
    summary="The queue of a vLLM model would take long to drain.",
    description="At the present rate the queue of {{ $labels.model_name }} takes {value} to drain (threshold {bound}); an "
    "hour means never.",
    cause="More requests wait than finish, or nothing finishes at all: very long answers, or a stalled engine.",
    advice="Add a replica, or shed load at the gateway until the queue is short again.",
)
REJECTIONS = Check(
    "admission_rejections", "VllmAdmissionRejections", "scalability", f.REJECTION_RATE, ">",
    (
        Bound(
            "warning", 0, "5m", "a rejected request is a user who got a 503",
            when=(
                Condition(x.REJECTIONS_COUNTED, ">=", 5, "one event in a few minutes keeps the rate above 0"),
                Condition(x.REJECTED_SHARE, ">", 0.01, "in a burst the limit does its job", True),
            ),
        ),
    ),
    title="Requests are rejected",
    summary="A vLLM model rejects requests because its queue is full.",
    description="{{ $labels.model_name }} rejects {value} requests per second.",
    cause="The queue limits (--max-num-queued-reqs, --max-num-queued-tokens) are reached.",
    advice="Add a replica; raise the limit only if clients can wait that long.",
)
CORRUPTED = Check(
    "corrupted_requests", "VllmCorruptedRequests", "health", f.CORRUPTED, ">",
    (Bound("warning", 0, "0m", "one answer made of NaN is one too many"),),
    title="Answers are corrupted",
    summary="A vLLM model produced NaN in its logits.",
    description="{{ $labels.model_name }} finished {value} requests with NaN in their logits in 15 minutes.",
    cause="Faulty GPU memory, an overflow in a quantised kernel, or damaged weights.",
    advice="Drain the engine. If one GPU is at fault, replace it; if all are, go back to the previous version or quantisation.",
)
PREFIX_DROP = Check(
    "prefix_cache_drop", "VllmPrefixCacheHitRatioDropped", "cache", f.PREFIX_HIT_CHANGE, "<",
    (Bound("info", 0.5, "30m", "the mix of prompts moves the ratio by some points, not by half"),),
    title="The prefix cache hits less",
    summary="The prefix cache of a vLLM model hits much less than before.",
    description="The prefix cache hit ratio of {{ $labels.model_name }} is {value} of its mean over the day (threshold {bound}).",
    cause="A changed prompt template (a date or an id at its start), a restart, or a router that lost its affinity.",
    advice="Keep what changes at the end of the prompt, and route equal prefixes to the same engine.",
)
TRANSFER_FAILURES = Check(
    "kv_transfer_failures", "VllmKvTransferFailures", "health", f.KV_TRANSFER_FAILURES, ">",
    (
        Bound(
            "warning", 0, "5m", "each one makes a request wait, or computes its prompt again",
            when=(Condition(f.KV_FAILURES_COUNTED, ">=", 5, "one event in a few minutes keeps the rate above 0"),),
        ),
    ),
    title="KV transfers fail",
    summary="KV cache transfers of a vLLM model fail.",
    description="{value} KV transfers per second of {{ $labels.model_name }} fail.",
    cause="The network between prefill and decode, an expired lease, or a full or broken offload store.",
    advice="Look at the connector's log on both sides; from vLLM 0.31.0 failed handshakes count too.",
)

ALL: tuple[Check, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Check))
