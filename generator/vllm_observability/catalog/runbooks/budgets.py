"""Runbooks of error budgets: what a month may bear, and how fast it is being spent."""

from __future__ import annotations

from vllm_observability.catalog import signals as s
from vllm_observability.catalog.runbooks import queries as q
from vllm_observability.catalog.runbooks.record import Action, Query, Runbook, SloSeries, Step
from vllm_observability.model import Unit

BAD_NOW = Query("Share of bad events, last 5 minutes", Unit.RATIO, SloSeries("bad", "5m"))
BAD_6H = Query("Share of bad events, last 6 hours", Unit.RATIO, SloSeries("bad", "6h"))
LEFT = Query("Share of the budget that is left", Unit.RATIO, SloSeries("left"))

STILL = Step(
    "Is it still going on?", BAD_NOW, (
        ("Near 0", "over: a critical alert ends after a minute without bad events. Find the cause by day"),
        ("As high as in the alert", "go on"),
        ("Nothing", "no traffic now: nobody is hurt"),
    ),
)
HOW_MUCH = Step(
    "How much is left of the budget?", LEFT, (
        ("Above 0.5", "room for one more such incident"),
        ("Between 0 and 0.5", "postpone risky changes"),
        ("Below 0", "the objective is missed for these 30 days; it recovers only as bad days leave the window"),
    ),
)

BUDGET = """

    Every objective leaves a budget: if, say, 90 % must be good, 10 % may be bad over 30 days. The alert looks at how fast that
    is being used up, over a long window (is it enough to matter?) and a short one (is it still so?). A critical one says
    that a good piece of the month goes within hours and that it is going on (the last minute was not clean), a warning that the trouble is smaller but
    lasting. Repeated short bursts spend the budget although none of them lasts: for latency, a warning
    adds up an hour, and stays for an hour so that it does not come and go with them; for errors, a warning looks over the
    pauses between bursts. The alert may fire while the one
    on the present value is silent, and the other way round: a short peak costs little budget.
"""
FREEZE = Action("If the budget is nearly spent, stop risky changes to this model until it recovers.", "changes wait")
MOVE = Action(
    "If every day looks like this, the objective doesn't fit this hardware and load: add replicas, or move the objective in the settings.",
    "money, or a promise",
)

TTFT = Runbook(
    "VllmTtftBudgetBurn",
    meaning="""
    Too many requests got their first token later than the objective allows. Time to first token (TTFT) is what a user
    waits until the first word appears: waiting in the queue plus prefill (reading the prompt).

    Unless the settings give the objective seconds, a request is late if it waited over 2 s, and over three times as
    long as its own prefill took: four times what it takes alone. A prompt of 100,000 tokens may take a minute, one of
    100 may not, and neither number has to be set. The share is an estimate: pages say how long requests waited and how
    long their prefills took, not which belongs to which, and the one is taken not to depend on the other. With seconds
    (`within`), first tokens are counted at that bound of the histogram, and the share is exact.
    """ + BUDGET,
    impact="""
    Users have been waiting longer for the first word than was promised, for long enough to matter over the month.
    """,
    diagnosis=(
        STILL,
        HOW_MUCH,
        Step(
            "Queue or prefill? This is the queue; compare it with the seconds of the objective.", s.QUEUE_MEAN, (
                ("A large part of it", "capacity: VllmQueueTimeHigh"),
                ("Small", "prefill, or one slow engine: VllmTimeToFirstTokenHigh has the steps"),
            ),
        ),
    ),
    mitigation=(
        Action("Do what VllmTimeToFirstTokenHigh says for the cause you found: less load or more replicas for queueing, a higher `--max-num-batched-tokens` or prefix caching for long prompts.", "stated there"),
        FREEZE,
        MOVE,
    ),
    leave_alone="when the first step shows that it is over, or a known batch job caused it: then write down what it cost.",
)

ITL = Runbook(
    "VllmItlBudgetBurn",
    meaning="""
    Too many answers flowed more slowly than the objective allows. Inter-token latency (ITL) is how fast text flows once
    it has begun (decode).

    Unless the settings give the objective seconds, an answer is slow if its tokens were over 0.1 s apart on average. A
    single long pause does no harm: it is somebody's prompt that was read in between. A model whose single request takes
    more than 25 ms a token needs seconds of its own. With seconds (`within`), each pause is one event, so long answers
    weigh more than short ones; before vLLM 0.11.0 they are counted that way in any case.
    """ + BUDGET,
    impact="""
    Text has been stuttering for users, for long enough to matter over the month.
    """,
    diagnosis=(
        STILL,
        HOW_MUCH,
        Step(
            "One engine or all?", s.ITL_MEAN, (
                ("One is slow", "VllmEngineOutlier"),
                ("All", "the batch or long prompts: VllmInterTokenLatencyHigh has the steps"),
            ), "engine",
        ),
        Step(
            "Are requests thrown out of a full cache?", s.PREEMPTIONS_PER_REQUEST, (
                ("Above 0", "VllmPreemptionsHigh first"),
                ("0", "not that"),
            ),
        ),
    ),
    mitigation=(
        Action("Do what VllmInterTokenLatencyHigh says: a replica more, a lower `--max-num-seqs` or `--max-num-batched-tokens`.", "stated there"),
        FREEZE,
        MOVE,
    ),
    leave_alone="when the first step shows that it is over, or only batch work was slow.",
)

E2E = Runbook(
    "VllmE2eBudgetBurn",
    meaning="""
    Too many requests took longer, from arrival to the last token, than the objective allows. A request is counted when
    it ends: those that hang are not in it yet.
    """ + BUDGET,
    impact="""
    Complete answers have been late, for long enough to matter over the month. Users who read along feel the first token
    and the flow more than this.
    """,
    diagnosis=(
        STILL,
        HOW_MUCH,
        Step(
            "Are answers just longer?", q.OUTPUT_GROWTH, (
                ("Well above 1", "longer answers take longer: no fault of the server. Cap `max_tokens`, or move the objective"),
                ("About 1", "next step"),
            ),
        ),
        Step(
            "Where does the time go? This is the queue; compare it with the end-to-end time.", s.QUEUE_MEAN, (
                ("A large part", "capacity: VllmQueueTimeHigh"),
                ("Small", "prefill or decode: VllmTimeToFirstTokenHigh and VllmInterTokenLatencyHigh tell which"),
            ),
        ),
    ),
    mitigation=(
        Action("Capacity: less load at the gateway, then another replica.", "refused users; GPUs"),
        Action("Long answers: cap `max_tokens` for the clients that need no more.", "cut answers, see VllmOutputTruncationHigh"),
        FREEZE,
        MOVE,
    ),
    leave_alone="when the first step shows that it is over, or when answers grew because users want them longer.",
)

ERRORS = Runbook(
    "VllmErrorBudgetBurn",
    meaning="""
    More finished requests ended with the reason `error` than the objective allows ({request_success}). vLLM counts that
    reason from 0.13.0 on. Refused requests, and those lost when an engine crashed, are not in it, so the truth can be
    worse: compare with VllmHttpServerErrorsHigh.
    """ + BUDGET,
    impact="""
    Users have been getting errors, for long enough to matter over the month.
    """,
    diagnosis=(
        STILL,
        HOW_MUCH,
        Step(
            "Steady or in bursts? (graph, last days)", BAD_6H, (
                ("Steady since a certain time", "a deployment, or a client that sends what the model can't serve"),
                ("In bursts", "incidents: the alerts of those times say which, for example VllmKvTransferFailures"),
            ),
        ),
        Step(
            "What do callers see besides?", s.HTTP_ERROR_SHARE, (
                ("Higher than the errors here", "requests fail before or beside the engine: VllmHttpServerErrorsHigh"),
                ("Alike", "VllmRequestErrorsHigh has the steps"),
            ),
        ),
    ),
    mitigation=(
        Action("Do what VllmRequestErrorsHigh says: roll back, drain the failing server, refuse the kind of request that fails.", "stated there"),
        FREEZE,
        MOVE,
    ),
    leave_alone="when the first step shows that it is over and the cause is known.",
)
