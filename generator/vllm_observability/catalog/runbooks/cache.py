"""Runbooks of the KV cache: full, thrown out, and no longer hit."""

from __future__ import annotations

from vllm_observability.catalog import signals as s
from vllm_observability.catalog.runbooks import queries as q
from vllm_observability.catalog.runbooks.record import Action, Runbook, Step

KV_CACHE_USAGE = Runbook(
    "VllmKvCacheUsageHigh",
    meaning="""
    The KV cache is the GPU memory in which vLLM keeps what it has read and written so far of every running request.
    Longer texts and more requests at once need more of it. The number is the share of its blocks in use, on the fullest
    engine of the model.

    It is not GPU memory as `nvidia-smi` shows it: vLLM takes nearly all of that at its start and never gives it back.
    Blocks kept only for reuse (prefix cache) count as free. The gauge ({kv_cache_usage}) shows the engine's last step,
    so short peaks between two scrapes stay unseen. A full cache with nobody waiting is good use of a GPU, and only
    information (`of="use"`); with people waiting it is a bottleneck, so warning and critical ask for both.
    """,
    impact="""
    At first nothing. When it is full, new requests wait in the queue, and running ones may be preempted (thrown out and
    computed again): their text stops for seconds in the middle of a sentence.
    """,
    diagnosis=(
        Step(
            "Is one engine full, or are all?", s.KV_USAGE, (
                ("One is full and others have room", "the router: VllmLoadImbalance"),
                ("All are full", "next step"),
            ), "engine",
        ),
        Step(
            "Does anybody wait because of it?", s.WAITING, (
                ("0 everywhere", "full but fine: nobody is hurt yet"),
                ("Above 0 on full engines", "a bottleneck: next step"),
            ), "engine",
        ),
        Step(
            "Are running requests thrown out?", s.PREEMPTIONS_PER_REQUEST, (
                ("Above 0", "worse than waiting: follow VllmPreemptionsHigh first"),
                ("0", "vLLM holds new requests back in time; users only wait"),
            ),
        ),
        Step(
            "Are prompts longer than yesterday?", q.PROMPT_GROWTH, (
                ("Well above 1", "a client sends more context: few requests fill the cache. Find it at the gateway"),
                ("About 1", "more requests at once, or longer answers"),
            ),
        ),
    ),
    mitigation=(
        Action("Add a replica, or move batch traffic away.", "GPUs; minutes until it serves"),
        Action("Lower `--max-num-seqs` (requests that run at once), so that those running can end without being thrown out.", "a restart; the others wait longer"),
        Action("Raise `--gpu-memory-utilization` (share of GPU memory that vLLM claims) by a few points: all of it goes to the cache.", "a restart; less slack, so a crash for lack of memory becomes likelier"),
        Action("`--kv-cache-dtype fp8`: about twice as much text in the same memory.", "a restart; answers can change slightly, and not every GPU and model supports it: test before"),
        Action("Lower `--max-model-len`, so that no single request can take so much. It does not add blocks.", "a restart; longer requests are refused with 400"),
        Action("Lasting: a larger or a second GPU for the model (`--tensor-parallel-size`).", "GPUs, and some time per step for communication between them"),
    ),
    leave_alone="at information, while nobody waits and nothing is preempted, and for batch work always.",
)

PREEMPTIONS = Runbook(
    "VllmPreemptionsHigh",
    meaning="""
    A preemption is vLLM's emergency exit: the KV cache (GPU memory for the text in progress) is full while requests are
    running, so it throws one out, puts it back into the queue, and later computes its prompt and its answer so far again.
    The number is preemptions per finished request; one request can be thrown out several times, so it can exceed 1.

    It needs finished requests to divide by. If everything is being preempted and nothing finishes, it stays silent, and
    VllmQueueDrainSlow speaks instead.
    """,
    impact="""
    The text of a preempted answer stops for seconds in the middle and then goes on. Nothing fails. Since work is done
    twice, everybody gets slower, and under load this feeds itself.
    """,
    diagnosis=(
        Step(
            "On which engines?", q.PREEMPTION_RATE, (
                ("One", "it gets more or longer requests than the others: VllmLoadImbalance"),
                ("All", "next step"),
            ), "engine",
        ),
        Step(
            "How many run at once when it happens? (graph, with the KV cache usage beside it)", s.RUNNING, (
                ("The peaks of running requests and of preemptions coincide", "`--max-num-seqs` lets in more than the cache can hold to their end: mitigation 1"),
                ("It happens with few running", "single requests are very long: next step"),
            ), "engine",
        ),
        Step(
            "Did prompts grow?", q.PROMPT_GROWTH, (
                ("Well above 1", "a client sends more context"),
                ("About 1", "look at answers: next step"),
            ),
        ),
        Step(
            "Did answers grow?", q.OUTPUT_GROWTH, (
                ("Well above 1", "answers outgrow the room that was there when they started: cap `max_tokens`"),
                ("About 1", "simply more requests at once"),
            ),
        ),
    ),
    mitigation=(
        Action("Lower `--max-num-seqs` to about the highest number of running requests that you saw without preemptions.", "a restart; a longer queue, but less work done twice: usually faster in total"),
        Action("Limit batch clients at the gateway, as the quickest way without a restart.", "those clients"),
        Action("Raise `--gpu-memory-utilization` by a few points.", "a restart; a crash for lack of memory becomes likelier"),
        Action("`--kv-cache-dtype fp8`: about twice as much text in the same memory.", "a restart; answers can change slightly: test before"),
        Action("Add a replica, or GPUs per replica (`--tensor-parallel-size`).", "GPUs"),
    ),
    leave_alone="when the number falls by itself after a burst, and nobody watches the text flow (batch work).",
)

PREFIX_DROP = Runbook(
    "VllmPrefixCacheHitRatioDropped",
    meaning="""
    When two prompts begin alike (the same instructions, the same conversation so far), vLLM takes the common beginning
    from its prefix cache and need not read it again. The hit ratio is the share of prompt tokens found there. The alert
    compares the last hour with the last day.

    It is silent where the day's ratio was so low that there was nothing to lose. Only whole blocks of tokens count, so
    common beginnings shorter than a block never hit. After a restart the cache is empty and the ratio recovers with
    traffic. In some versions preempted requests count as hits, which can hide a fall.
    """,
    impact="""
    Nothing fails. First tokens come later, because prompts are read in full, and the engine has less time for everything
    else. If VllmTimeToFirstTokenHigh follows, this is the likely cause.
    """,
    diagnosis=(
        Step(
            "When did it fall, and how? (graph, last day)", s.PREFIX_HIT, (
                ("At one minute, and it stayed", "a deployment of a client (prompt template), of the router, or of vLLM at that time"),
                ("At one minute, now recovering", "a restart: wait"),
                ("Slowly", "another mix of users, or more different conversations than the cache holds: next step"),
            ),
        ),
        Step(
            "Is there room to keep beginnings? Only blocks that no running request needs can hold them.", s.KV_USAGE, (
                ("Close to 1", "no room: VllmKvCacheUsageHigh"),
                ("With room", "not room: the prompts or the router"),
            ), "engine",
        ),
        Step(
            "Did engines start again, or did their number change?", q.AGE, (
                ("Some are young", "empty caches, and a router that now sends conversations to other engines"),
                ("None", "the prompts: mitigation 1"),
                ("Nothing", "several API processes share the page, which hides this number; ask the orchestrator"),
            ), "target",
        ),
    ),
    mitigation=(
        Action("Ask the client's owner what changed at the beginning of the prompt: a date, a user id or shuffled tools there spoil all that follows. Such things belong at the end.", "a release of the client"),
        Action("Let the router send the same conversation to the same engine.", "load spreads less evenly, see VllmLoadImbalance"),
        Action("Check that `--enable-prefix-caching` is on everywhere (VllmConfigDrift shows differences).", "a restart where it is off"),
    ),
    leave_alone="at night always, unless VllmTimeToFirstTokenHigh fires too; and after a restart.",
)
