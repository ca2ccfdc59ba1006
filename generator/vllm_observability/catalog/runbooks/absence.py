"""Runbooks of what comes and goes, or stops without an error: scrapes, replicas, traffic, answers."""

from __future__ import annotations

from vllm_observability.catalog import fleet_signals as f
from vllm_observability.catalog import signals as s
from vllm_observability.catalog.runbooks import queries as q
from vllm_observability.catalog.runbooks.record import Action, Runbook, Step

SCRAPES_FAILING = Runbook(
    "VllmScrapesFailing",
    meaning="""
    The share of the scrapes that failed in ten minutes, while the server answered in between: it comes and goes. It is
    not down, so VllmTargetDown says nothing; it is not up either, so every rate over it has gaps.
    """,
    impact="""
    Users may feel nothing if only scrapes are too slow. But alerts that need minutes in a row start over at each gap, so
    this server is watched badly.
    """,
    diagnosis=(
        Step(
            "Do scrapes take long? (look at the last hours as a graph)", f.SCRAPE_SHARE, (
                ("Close to the time-out, ten seconds unless you set another", "the time-out cuts them: follow VllmScrapeSlow"),
                ("Short", "the process or the network: next step"),
            ), "target",
        ),
        Step(
            "Does the process restart?", f.STARTS, (
                ("1 or more", "it restarts: follow VllmRestarting"),
                ("0", "it keeps running, and only the way to it fails"),
                ("Nothing", "several API processes share the page, which hides this number; look at the process itself"),
            ), "target",
        ),
        Step(
            "How often did it change?", q.FLAPS, (
                ("The same for all servers of a host or zone", "the network there, or Prometheus itself"),
                ("This server alone", "its host: CPU limits, noisy neighbours, a connection limit"),
            ), "target",
        ),
    ),
    mitigation=(
        Action("Raise `scrape_timeout` up to `scrape_interval` in the scrape configuration.", "nothing"),
        Action("Give the container more CPU: the process that answers requests writes the page too.", "CPU"),
        Action("Scrape less often, and set `scrape_interval` in the settings to match.", "alerts see things later"),
    ),
    leave_alone="during a rollout that restarts servers several times on purpose.",
)

REPLICAS_LOST = Runbook(
    "VllmReplicasLost",
    event="half of a model's usual engines or fewer are left, after others went while they had requests",
    meaning="""
    Usual is the median of the last two hours, over all scrape jobs. Engines that had nothing to do when they went don't
    count: that is how a scaler takes replicas away. A switch from one deployment to another doesn't count either,
    because as many engines are there after it.

    After an hour the new number becomes the usual one, and the alert ends, repaired or not.
    """,
    impact="""
    The requests of the lost engines broke off. The others carry twice the load or more: first tokens come late, then
    requests queue.
    """,
    diagnosis=(
        Step(
            "Which engines are left?", q.ENGINES, (
                ("As many as usual", "they are back"),
                ("Half or fewer", "next step"),
            ),
        ),
        Step(
            "Where did the lost ones run?", q.ENGINES_HOUR_AGO, (
                ("All on one node, zone or host", "it is gone: look at it first"),
                ("Everywhere", "they crashed together: a request that kills each engine, a rollout, a quota"),
            ), "engine",
        ),
        Step(
            "Can the others carry the load?", s.WAITING, (
                ("Waiting requests grow", "capacity is short now: shed load or add replicas before you look for the cause"),
                ("0 or steady", "users are served; there is time"),
            ), "engine",
        ),
    ),
    mitigation=(
        Action("Shed load at the gateway until the replicas are back.", "some users are refused, early instead of late"),
        Action("Start replicas elsewhere.", "minutes to load, GPUs"),
        Action("Roll back, if a rollout did it.", "the change is postponed"),
    ),
    leave_alone="when you took the replicas away by hand and the others have room.",
)

SCRAPED_SELDOM = Runbook(
    "VllmScrapedTooSeldom",
    event="the servers of a deployment are scraped less often than the rules were built for ({scrape_interval})",
    meaning="""
    The rules look back over windows that suit their scrape interval. Where Prometheus scrapes less often, the shortest
    windows hold one sample or two: stalls, failures that go on and scrapes that come and go are noticed late or not at
    all.
    """,
    impact="""
    Users feel nothing. VllmEngineStalled, VllmScrapeSlow and VllmScrapesFailing are the alerts that suffer; alerts that
    look at five minutes or more work as before.
    """,
    diagnosis=(
        Step(
            "How many scrapes are there?", f.SCRAPED_SELDOM, (
                ("30 or 60 seconds", "the interval of the scrape job, or Prometheus' global one"),
                ("An odd number", "scrapes fail: VllmScrapesFailing, VllmTargetDown"),
            ), "scope",
        ),
        Step(
            "Are they slow?", f.SCRAPE_SHARE, (
                ("Above a half", "the interval may be long because scrapes take long: VllmScrapeSlow"),
                ("Small", "the interval can be shorter"),
            ), "target",
        ),
        Step(
            "How large are the pages?", q.PAGE_SIZE, (
                ("Thousands of samples", "relabel rules of [vllm-scrape.yaml](../../deploy/prometheus/vllm-scrape.yaml) halve them"),
                ("Hundreds", "15 seconds is fine"),
            ), "target",
        ),
    ),
    mitigation=(
        Action("Set `scrape_interval` in the settings to that of Prometheus, build again, and load both rule files.", "windows grow: stalls are noticed later, but reliably"),
        Action("Or scrape as often as the rules expect.", "more samples to store"),
    ),
    leave_alone="when you know it and can live with late news of stalls.",
)

TRAFFIC_STOPPED = Runbook(
    "VllmTrafficStopped",
    event="a model had requests all the time an hour ago, and has neither running, waiting nor finished ones",
    meaning="""
    In the hour before there was no pause of five minutes, and at least a request a minute; now there is nothing. Where
    other days are known, these hours were busy on the day before and the week before as well.

    Nothing failed, as far as vLLM can see: what breaks in front of it leaves no error here. The alert ends two hours
    after the traffic did, also where nothing came back.
    """,
    impact="""
    If the way to the engines is broken, every user of the model gets an error from somebody else: the gateway, a proxy,
    the DNS.
    """,
    diagnosis=(
        Step(
            "Since when? (graph, last hours)", s.REQUEST_RATE, (
                ("From full to nothing in a minute", "something broke or was switched off: next step"),
                ("It faded", "users went: an evening, a holiday"),
            ),
        ),
        Step(
            "Do requests reach the API servers?", q.HTTP_RATE, (
                ("Only 4xx, or only probes", "the path, the key or the model's name changed: look at the gateway's route"),
                ("Nothing", "nothing arrives: the gateway, its backends, a network policy"),
                ("2xx as before", "another model of the same servers has the traffic"),
            ), "target", ("handler", "status"),
        ),
        Step(
            "How does it compare with yesterday?", q.TRAFFIC_GROWTH, (
                ("Nothing, or 0", "yesterday there was traffic at this hour"),
                ("About 1", "it is back"),
            ),
        ),
    ),
    mitigation=(
        Action("Send one request through the gateway, and one to a server directly: the difference says on which side the fault is.", "nothing"),
        Action("Roll back the gateway's last change of routes, keys or models.", "the change is postponed"),
    ),
    leave_alone="when a load test or a batch job ended, or the traffic was moved on purpose.",
)

ANSWERS_COLLAPSED = Runbook(
    "VllmAnswersCollapsed",
    meaning="""
    Answers have a token or two, where they had twenty and more within the last hour and a half, and prompts are as long
    as then. Prompts of another length mean another use, and are left out.
    """,
    impact="""
    Users get empty answers, with HTTP 200 and without an error. Every latency looks better than before.
    """,
    diagnosis=(
        Step(
            "How long are answers now? (graph, last hours)", s.GENERATION_LENGTH, (
                ("They fell at a deployment", "chat template, tokenizer, stop tokens or generation config of the new version"),
                ("They fell without one", "a client's change: `max_tokens` 1, a classification, a stop word"),
            ),
        ),
        Step(
            "How do requests end?", s.REQUEST_RATE, (
                ("`stop`", "the model ends at once: template or tokenizer"),
                ("`length`", "clients ask for one token: on purpose, most likely"),
            ), by=("finished_reason",),
        ),
        Step(
            "Do engines run with different settings?", q.CONFIGS, (
                ("They differ", "a rollout is half done: only new engines may answer so"),
                ("They don't", "all of them, or it is not a setting of the cache"),
            ), "target",
        ),
    ),
    mitigation=(
        Action("Send a prompt by hand and read the answer.", "nothing"),
        Action("Roll back the last deployment.", "the change is postponed"),
        Action("Compare `--chat-template`, the tokenizer and the generation config with those of the version that worked.", "nothing"),
    ),
    leave_alone="when clients ask for single tokens on purpose.",
)
