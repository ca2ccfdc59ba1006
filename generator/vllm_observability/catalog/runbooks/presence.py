"""Runbooks of what is there and moves: servers, models, engines, metrics and rules."""

from __future__ import annotations

from vllm_observability.catalog import fleet_signals as f
from vllm_observability.catalog import signals as s
from vllm_observability.catalog.runbooks import queries as q
from vllm_observability.catalog.runbooks.record import Action, Runbook, Step

TARGET_DOWN = Runbook(
    "VllmTargetDown",
    event="the last scrape of a vLLM server that had been up failed (`up` is 0), and of half of its deployment or more",
    meaning="""
    Prometheus asks every vLLM server for its metrics page, once per {scrape_interval}. For this server it got no page:
    connection refused, a time-out, or an answer that is not a metrics page.

    This says nothing about requests. A server can serve and not be scrapable, and a server that hangs can still be
    scraped (that is VllmEngineStalled). A server that service discovery has dropped is not down but gone: it raises
    VllmModelVanished if it was the model's last one, and VllmReplicasLost if half of the others went too.

    Three labels tell how bad it is. Without `of` half of the deployment or more is down. `of="one"`: most of it
    answers. `of="start"`: the server is new and has never answered; it may still be loading. Servers are known by the
    selector, or by an engine that they showed within hours.
    """,
    impact="""
    If the process is gone, the requests it was answering broke off, and the other replicas carry its share and get
    slower. If it was the only replica, the model is out. If only the scrape fails, users feel nothing, but every other
    vLLM alert is blind for this server.
    """,
    diagnosis=(
        Step(
            "Is it one server or many?", q.UP, (
                ("All servers of a host, zone or job are 0", "network, node or scrape configuration, not vLLM: find out what changed there"),
                ("One server is 0", "this server: next step"),
                ("The server is not in the list", "it was removed or scaled down; the alert ends by itself"),
            ), "target",
        ),
        Step(
            "Did it go down once, or does it come and go?", q.FLAPS, (
                ("3 or more", "it restarts in a loop: read the log of the previous run (`kubectl logs --previous`, `docker logs`); out of memory and a failed health probe are the usual causes"),
                ("1 or 2", "a start is not over before the model is loaded: until then vLLM answers nothing, which takes minutes for a large one (its log says how far it is). Else ask the server itself, `curl -m 5 http://HOST:PORT/health`. Refused: the process is gone. Time-out: the host or a blocked process. 200: it serves, and only the scrape is broken: wrong path, port, network policy or TLS"),
            ), "target",
        ),
        Step(
            "Did scrapes get slow before they failed? (look at the last hours as a graph)", f.SCRAPE_SHARE, (
                ("It rose towards 1", "the page took longer than the scrape time-out: follow VllmScrapeSlow"),
                ("It was small, or there is nothing", "not the page's size: the process or the way to it"),
            ), "target",
        ),
        Step(
            "Can the other engines carry the load?", s.WAITING, (
                ("Waiting requests grow", "capacity is short now: add a replica before you look for the cause, and see VllmRequestsWaiting"),
                ("0 or steady", "no hurry: users are served"),
            ), "engine",
        ),
    ),
    mitigation=(
        Action("Start the server or pod again, after saving its log.", "minutes: it loads the model's weights first, and starts with an empty cache"),
        Action("If the log says that it ran out of GPU memory, start it with a lower `--gpu-memory-utilization` (the share of GPU memory that vLLM claims) or a lower `--max-num-seqs` (requests that run at once).", "room for fewer requests at once, so earlier queueing"),
        Action("If `/health` answers 200, repair the scrape: path, port, scheme, network policy.", "nothing; requests are not touched"),
        Action("If the process ended and nobody started it again, set the restart policy to always: some vLLM versions end with exit code 0 after their engine crashed, which a policy for failures only takes for a wish to stop.", "a server that can't start will try for ever; VllmRestarting tells only if it gets as far as answering"),
    ),
    leave_alone="during a planned restart or a rollout, or when the server was removed on purpose: then take it out of the scrape configuration.",
)

MODEL_VANISHED = Runbook(
    "VllmModelVanished",
    event="a model that was in use when its last engine went has none, under any scrape job",
    meaning="""
    Within twelve hours at least one engine (the process that runs the model on GPUs) reported under this model name.
    Now none does, although it had requests in its last five minutes. A model that had been idle for longer is left out:
    that is how scaling to zero looks. A model that moved to another scrape job in the same place is not gone.

    The alert ends when the model is back, or twelve hours after it went. A model whose served name was changed looks
    vanished under the old name.
    """,
    impact="""
    Every request for this model fails: the gateway finds no backend, or answers 404 or 503. There is no degraded mode
    left.
    """,
    diagnosis=(
        Step(
            "Is it still gone?", q.ENGINES, (
                ("The model is listed", "it is back, or its name changed by a letter: compare with the name in the alert"),
                ("The model is not listed", "next step"),
            ), "engine",
        ),
        Step(
            "Where did its engines run?", q.ENGINES_HOUR_AGO, (
                ("Instances are listed", "look these up in your orchestrator: deleted, pending, crashed? The last log lines of the newest one say most"),
                ("Nothing, but the alert is new", "the model lived for less than an hour: a test, or a start that failed soon after"),
            ), "engine",
        ),
        Step(
            "Are their servers still scraped?", q.UP, (
                ("They are 1", "the server is up without this model: another model was started on it, or its engine metrics are gone (VllmMetricsMissing)"),
                ("They are 0", "the server is down or can't be reached: VllmTargetDown"),
                ("They are not listed", "deleted, scaled to zero, or dropped by service discovery after a change of labels"),
            ), "target",
        ),
    ),
    mitigation=(
        Action("Send the model's traffic to another deployment or model, if there is one.", "answers of another model or quantisation"),
        Action("Start a replica again. If it stays pending, there is no free GPU: stop something less important.", "minutes to load the weights; the cache is empty, so first tokens are slow at first"),
        Action("If the last rollout did it, roll back.", "the change is lost until you know why it failed"),
        Action("If service discovery lost it, restore the labels or the scrape configuration.", "nothing"),
    ),
    leave_alone="when the model was switched off or scaled to zero on purpose. If that is routine, silence this alert for the model; `alerts_off` in the settings drops it for all.",
)

RESTARTING = Runbook(
    "VllmRestarting",
    meaning="""
    The engine's counts of tokens ({generation_tokens}, {prompt_tokens}) fell back to 0, which happens only when the
    process starts again. The number is how often that happened in 30 minutes, or in six hours with `window="6h"`.

    `of="process"`: the process of the API server started again ({process_start_time_seconds}) without any work in
    between. `of="address"`: the model was served at more addresses within an hour than its replicas and a rollout
    explain, as where each crash brings a pod with another name; with `window="6h"`, so many addresses went away with
    requests on them in six hours. A server that never gets as far as answering is
    VllmTargetDown.
    """,
    impact="""
    Each restart breaks off all requests the engine was answering. Until the model is loaded, for minutes, the other
    replicas carry the load. The prefix cache (saved work on prompts that begin alike) is empty after each start, so
    first tokens come slower for a while.
    """,
    diagnosis=(
        Step(
            "Which engines restart?", f.RESTARTS, (
                ("One engine", "its host or GPU, or a request that only it gets: read its previous log"),
                ("All engines of one server together", "the server process is restarted from outside: a health probe, the out-of-memory killer, a rollout"),
                ("All servers", "a rollout in a loop, or a request that kills each engine that retries send it to"),
            ), "engine",
        ),
        Step(
            "Did the KV cache (GPU memory for the text in progress) and the batch fill up before each fall? (graph, last hours)", s.KV_USAGE, (
                ("It climbs towards 1 before each restart", "a crash under load: look for out of memory in the log; mitigation 2"),
                ("It is low", "not load: a probe, a host fault, or a certain request"),
            ), "engine",
        ),
        Step(
            "Does somebody kill it for not answering? The share of the scrape interval that a scrape takes shows how busy the API server is.", f.SCRAPE_SHARE, (
                ("High before each restart", "the API server answers late, and a short probe time-out kills it: mitigation 3"),
                ("Low", "look in the log for a Python traceback, a CUDA error, or `Killed`"),
            ), "target",
        ),
    ),
    mitigation=(
        Action("Stop a rollout in progress, or roll back the last change of image, flags or model.", "the change is postponed"),
        Action("Out of memory: lower `--gpu-memory-utilization` by a few points, or `--max-num-seqs`, or `--max-num-batched-tokens` (tokens computed per step, which sets the peak of working memory).", "less room for the KV cache, or smaller batches: earlier queueing, some throughput"),
        Action("Probes: give the liveness probe a longer time-out and more failures, and the start-up probe the time that loading takes.", "a server that really hangs is noticed later; VllmEngineStalled still sees it"),
        Action("One GPU: drain the node and run its diagnosis (`nvidia-smi -q`, `dmesg` for Xid errors).", "one replica less"),
        Action("A certain request: find the last one in the log before each crash and refuse it at the gateway.", "users of that kind of request get an error"),
    ),
    leave_alone="when you are deploying: two configuration changes within half an hour mean two restarts.",
)

STALLED = Runbook(
    "VllmEngineStalled",
    event="an engine has waiting or several running requests, or one while others of its model work, but makes no step, no token and no answer, and is neither asleep nor being updated",
    meaning="""
    An engine works in steps; each step computes a piece of every running request. This engine says that it has
    requests ({requests_running}, {requests_waiting}), yet neither its steps nor its tokens nor its answers grow, and
    the use of its KV cache stands still.

    Two things look like this. A true hang: a GPU, the network between GPUs, or the engine's process is stuck; the API
    server in front keeps answering, and `/health` stays 200. Or a left-over: the two gauges are written only when the
    engine steps, so if all clients hung up at once, they can go on showing old numbers on an engine that is merely
    idle. The first step tells them apart.
    """,
    impact="""
    True hang: requests sent to this engine never get an answer, and a router that looks only at `/health` keeps sending
    them. Users wait until their own time-out. Left-over: nobody feels anything, except that some routers avoid the
    engine because it looks busy.
    """,
    diagnosis=(
        Step(
            "Does it answer a tiny request? Send one to this server (`/v1/completions` with `max_tokens` 1) and watch the tokens.", q.TOKENS_NOW, (
                ("The request hangs and the rate stays 0", "a true hang: next step, and take the server out of the router now"),
                ("The request is answered", "left-over numbers: the request made a step, and a step writes the gauges again, so the alert should end. Nothing to repair. (With data parallelism your request may land on another engine of the server: send several)"),
                ("Above 0 without your request", "it moves again: a very long step, or the hang is over. Keep the log"),
            ), "engine",
        ),
        Step(
            "Is anything running, or do all wait?", s.RUNNING, (
                ("0 running", "the first in the queue can't be placed: it needs more KV cache than the engine has, or waits for a KV transfer or a LoRA adapter slot: next step"),
                ("1 or more running", "a step started and doesn't end: GPU, driver, or communication between GPUs. Look for NCCL, CUDA or Xid messages in log and `dmesg`"),
            ), "engine",
        ),
        Step(
            "What do the waiting ones wait for? (vLLM 0.20.0 on)", q.WAITING_REASONS, (
                ("`deferred`", "for something outside the engine: KV transfer (VllmKvTransferFailures), LoRA slots"),
                ("`capacity`, with 0 running", "probably the first request needs more than the whole KV cache; only removing it helps (a restart does)"),
                ("Nothing", "an older vLLM doesn't tell"),
            ), "engine", ("reason",),
        ),
        Step(
            "Is it alone?", f.STALLED, (
                ("One engine", "its own GPU or host"),
                ("All engines of a server or a data-parallel group", "they wait for each other: one stuck rank stops all of them; look for the one whose log stopped first"),
                ("Engines on many hosts", "something shared: network, storage for KV transfer, or a request that retries carry from one to the next"),
            ), "engine",
        ),
    ),
    mitigation=(
        Action("Take the server out of the router, so that new requests go elsewhere.", "the others carry more"),
        Action("Save what a restart destroys: the log, `nvidia-smi`, and `py-spy dump --pid` of the engine process (its name has `EngineCore` in newer versions) and its workers.", "two minutes"),
        Action("Restart the server.", "its requests are lost (they were anyway), minutes to load, an empty cache"),
        Action("If it comes back with the same kind of request, cap prompt plus answer at the gateway, or lower `--max-model-len`.", "longer requests are refused with 400"),
        Action("Later: let the liveness probe send a real one-token request, since `/health` doesn't see a hang.", "a little load, and a probe with a short time-out kills busy servers"),
    ),
    leave_alone="when the tiny request is answered.",
)

METRICS_MISSING = Runbook(
    "VllmMetricsMissing",
    event="a target of vLLM is up, but its page has neither {requests_running} nor {cache_config}",
    meaning="""
    Prometheus gets a page from this target, but nothing on it comes from a vLLM engine. A server has these metrics from
    the moment its model is loaded, with or without requests.

    `of="family"`: the server works, but some of its metrics, which it showed within the hour, are gone. If these are
    histograms of all servers at once, Prometheus began to store them in another form: `vllm-obs doctor`,
    asked of that Prometheus, names the setting.
    """,
    impact="""
    Users feel nothing. But no other vLLM alert can fire for this server, and boards leave it out of their sums, so the
    fleet looks smaller and calmer than it is.
    """,
    diagnosis=(
        Step(
            "How long is the page?", q.PAGE_SIZE, (
                ("0", "an empty page: look first at `PROMETHEUS_MULTIPROC_DIR`, the directory through which several API processes share one page"),
                ("Under a hundred", "only Python, process and HTTP metrics: `--disable-log-stats` is set, or this is another front end"),
                ("Hundreds", "another program's page (router, gateway, sidecar), or vLLM's under another prefix: open it and look, `curl http://HOST:PORT/metrics`"),
            ), "target",
        ),
        Step(
            "Was it restarted with other options?", q.AGE, (
                ("Minutes", "compare its options with those of the start before: the log prints them first"),
                ("Longer than this alert fires", "something between it and Prometheus changed: port, path, relabelling"),
                ("Nothing", "several API processes share the page, which hides this number; look at the process itself"),
            ), "target",
        ),
        Step(
            "Which targets are fine?", q.RAW_ENGINES, (
                ("The target's job is listed", "other servers of the job are fine: compare the flags and the port of this one with theirs"),
                ("The job is not listed", "all of it: the prefix (`metric_prefixes` in the settings), the port in the scrape configuration, or the selector that counts other programs as vLLM (`target_selector`)"),
            ), "scope",
        ),
    ),
    mitigation=(
        Action("Start vLLM without `--disable-log-stats`.", "a restart; the statistics cost little"),
        Action("Scrape the engine's own port, not the router's or the proxy's.", "nothing"),
        Action("If the names begin otherwise (as with Ray Serve or OpenShift AI), set `metric_prefixes` and build the bundle again.", "nothing; rules read every prefix you name"),
        Action("If the target isn't vLLM at all, narrow `target_selector`.", "nothing"),
    ),
    leave_alone="while a large model loads, if the log shows progress.",
)

RULES_MISSING = Runbook(
    "VllmRecordingRulesMissing",
    event="engines are scraped, but nothing is recorded of them",
    meaning="""
    Most vLLM alerts read series that recording rules compute from the raw metrics. The raw metrics are there, the
    computed series are not: the rules file isn't loaded, or its rules fail.
    """,
    impact="""
    Users feel nothing. But this is the alarm system's own alarm: until it is repaired, slow, full and failing models
    raise nothing. Only alerts that read raw metrics still work, VllmTargetDown among them.
    """,
    diagnosis=(
        Step(
            "Are the rules loaded?", q.RULES_LOADED, (
                ("Groups named `vllm-…` with a number each", "loaded: next step"),
                ("Only alert groups", "`vllm-recording-rules.yaml` is missing under `rule_files`, or the operator's rule selector doesn't match it"),
                ("Nothing", "Prometheus doesn't scrape itself, or another ruler (Thanos, Mimir, vmalert) evaluates: look at its rules page, in Prometheus Status > Rules"),
            ), "scope",
        ),
        Step(
            "Do they fail?", q.RULE_FAILURES, (
                ("Above 0", "the rules page shows the error beside the rule: usually many-to-many matching, after an odd relabelling"),
                ("0", "they run and find nothing: next step"),
            ), "scope",
        ),
        Step(
            "Which deployments are scraped, with which labels?", q.RAW_ENGINES, (
                ("The labels of the alert", "compare with the next step's"),
                ("Fewer engines than you run", "some aren't scraped either: VllmTargetDown"),
            ), "scope",
        ),
        Step(
            "Which are recorded?", q.RECORDED_MODELS, (
                ("Another set", "only this deployment is missing: another Prometheus scrapes it, or it was relabelled after the rules were built (`scope_labels`)"),
                ("Nothing", "nothing is recorded at all: the first two steps"),
            ), "scope",
        ),
    ),
    mitigation=(
        Action("Load [vllm-recording-rules.yaml](../vllm-recording-rules.yaml) beside the alerts and reload Prometheus. `promtool check rules` says whether the file is sound.", "nothing; alerts that look back hours need that long to see again"),
        Action("If rules fail after a change of settings, build again with `vllm-obs build` and load both files from one build.", "nothing"),
    ),
    leave_alone="never: without recorded series the other alerts are silent.",
)

SCRAPE_SLOW = Runbook(
    "VllmScrapeSlow",
    meaning="""
    The share of the scrape interval ({scrape_interval}) that Prometheus needs to read this server's metrics page. The
    same process that answers requests builds the page, so a slow page is a sign of a busy API server, or of a very
    large page.
    """,
    impact="""
    At first nobody feels it. When a scrape takes longer than its time-out, it fails: boards get gaps and
    VllmTargetDown fires for a server that serves. If the API server is what is busy, tokens also reach users late,
    although the engine is fast.
    """,
    diagnosis=(
        Step(
            "How large is the page?", q.PAGE_SIZE, (
                ("A few thousand or fewer", "normal: the server is busy, next step"),
                ("Tens of thousands, or growing all the time", "series that pile up: LoRA adapters ({lora_requests} keeps every combination ever seen), `_created` series, or one very long label"),
            ), "target",
        ),
        Step(
            "Is the API server's CPU used up?", q.CPU, (
                ("Around 1 or more", "one process of Python is at its limit: many streams, large images, tokenising long prompts"),
                ("Well under 1", "waiting, not computing: CPU limits of the container, a slow disk under `PROMETHEUS_MULTIPROC_DIR`, or the network"),
                ("Nothing", "several API processes share the page, which hides this number; look at the host"),
            ), "target",
        ),
        Step(
            "Do HTTP requests flood it?", q.HTTP_RATE, (
                ("Far above other servers", "a health check or a client in a retry loop"),
                ("As on other servers", "the host: noisy neighbours, CPU limits"),
            ), "target",
        ),
    ),
    mitigation=(
        Action("Give the container more CPU, or take its CPU limit away.", "CPU"),
        Action("Start more API processes, `--api-server-count`.", "a restart; Python and process metrics vanish from the page then, and every process takes memory"),
        Action("Drop series that nothing reads with `metric_relabel_configs` (`_created` for one); this saves Prometheus work, but not vLLM.", "those series are gone from Prometheus"),
        Action("Scrape less often, and set `scrape_interval` in the settings to match.", "alerts see things later"),
    ),
    leave_alone="when it stays well under the interval and the server is simply busy by day.",
)
