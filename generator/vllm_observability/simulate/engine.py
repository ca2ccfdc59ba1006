"""One engine: continuous batching over a KV block pool; steps in which nothing changes are taken at once.

As vLLM's V1 scheduler: requests in decode come first, one token each; what is left of the token budget goes to prefill,
in chunks; a waiting request is admitted while the batch, the budget and the free blocks allow it. A request in the
batch that gets no block makes the youngest one go back to the queue, and what that had computed is computed again.
"""

from __future__ import annotations

import heapq
import math
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Literal

from vllm_observability.catalog import metrics as m
from vllm_observability.simulate.block_cache import BlockCache
from vllm_observability.simulate.hardware import Hardware
from vllm_observability.simulate.ledger import Ledger
from vllm_observability.simulate.recorded import BLOCK
from vllm_observability.simulate.traffic import Request, Source, Traffic

_OVERHEAD = 0.004  # seconds of tokenising and HTTP before the first output
# What keeps a request from its place in a step: free KV blocks, --max-num-seqs, or the step's token budget. Where none
# is kept from it the engine decodes; or it has nothing to do, or makes no step although it has.
Bound = Literal["kv", "seqs", "tokens", "decode", "idle", "stalled"]


@dataclass(frozen=True)
class Conditions:
    """What can go wrong with an engine, or be set differently.

    speed: 1 is the hardware's own; frozen: no step is made, and nothing is counted.
    caching: prefix caching; max_queued: requests that may wait before more are rejected (0: no limit).
    drafts: tokens drafted per step of a request (0: no speculation); acceptance: share of them that is kept.
    kv_failures: failed KV transfers per second.
    front_end: seconds of the API server that a request takes before the engine gets it, one request after the other.
    """

    speed: float = 1.0
    frozen: bool = False
    caching: bool = True
    max_queued: int = 0
    drafts: int = 0
    acceptance: float = 0.6
    kv_failures: float = 0.0
    front_end: float = 0.0

    @property
    def tokens_per_step(self) -> float:
        """Tokens that a request in decode gets from one step."""
        return 1 + self.drafts * self.acceptance


class _Running:
    """A request in the batch."""

    __slots__ = ("at_start", "context", "held", "left", "offered", "private", "request", "shared", "slot", "start")

    def __init__(self, request: Request, cached: int, shared: int) -> None:
        self.request = request
        self.context = request.prompt + request.produced  # tokens to compute before the next output
        self.left = self.context - cached  # of them, not yet computed
        self.shared = shared  # blocks shared with others
        self.private = 0
        self.held: list[int] = []  # nodes of the prefix cache, of a recorded prompt
        self.offered = 0  # nodes of its prompt that others can find
        self.start = -1  # index of the first decode step; -1: still in prefill
        self.at_start = 0  # tokens in the KV cache at that step
        self.slot = 0  # residue of the steps at which it needs a new block


def _pairs(who: _Running, chunk: int) -> float:
    """Tokens that the chunk just computed, each times the tokens that it attends to."""
    return chunk * (who.context - who.left - chunk / 2)


class Engine:
    """One engine core and its share of the counters. `outcome` is told of every request that leaves: (request, now)."""

    def __init__(
        self, hardware: Hardware, traffic: Traffic, ledger: Ledger, dice: Random, start: float,
        outcome: Callable[[Request, float], None], *, counts_cached: bool = False, source: Source | None = None,
        slowdown: float = 1.0,
    ) -> None:  # fmt: skip
        """`source`: where requests come from, if not drawn; `slowdown`: how many times as long a step takes."""
        self.hardware, self.ledger, self.dice, self.now = hardware, ledger, dice, start
        self.conditions = Conditions()
        self.cache = BlockCache(hardware.blocks, hardware.block_size)
        self.source = source or Source(traffic, hardware.max_model_len, dice, start)
        self.waiting: deque[Request] = deque()
        self._front: deque[Request] = deque()  # in the API server
        self._front_free = start  # when the API server has done with the last of them
        self.front_seconds = 0.0  # of the API server so far
        self._batch: list[_Running] = []  # in the order of admission
        self._prefilling: list[_Running] = []
        self._ends: list[tuple[int, int, _Running]] = []  # (step, tie-break, who): decode that ends there
        self._slots = [0] * hardware.block_size
        self._decoding = 0
        self._context = 0  # tokens held by requests in decode
        self._step = 0
        self._ties = 0
        self.bound = defaultdict[Bound, float](float)  # seconds so far, by what bound the engine
        self._outcome = outcome
        self._counts_cached, self._slowdown = counts_cached, slowdown
        self._bind()

    def _bind(self) -> None:
        cell, histogram = self.ledger.cell, self.ledger.histogram
        self._running, self._queued = cell(m.REQUESTS_RUNNING), cell(m.REQUESTS_WAITING)
        self._by_reason = cell(m.REQUESTS_WAITING_BY_REASON, reason="capacity")
        self._usage = cell(m.KV_CACHE_USAGE)
        self._prompt, self._generated = cell(m.PROMPT_TOKENS), cell(m.GENERATION_TOKENS)
        self._preempted = cell(m.PREEMPTIONS)
        self._queries, self._hits = cell(m.PREFIX_CACHE_QUERIES), cell(m.PREFIX_CACHE_HITS)
        self._cached = cell(m.PROMPT_TOKENS_CACHED)
        self._cached_device = cell(m.PROMPT_TOKENS_CACHED_BY_SOURCE, source="device")
        self._local_hit = cell(m.PROMPT_TOKENS_BY_SOURCE, source="local_cache_hit")
        self._local = cell(m.PROMPT_TOKENS_BY_SOURCE, source="local_compute")
        self._iteration = histogram(m.ITERATION_TOKENS)
        self._ttft, self._itl, self._tpot = histogram(m.TTFT), histogram(m.ITL), histogram(m.TPOT)
        self._e2e, self._queue = histogram(m.E2E), histogram(m.QUEUE_TIME)
        self._prefill, self._decode = histogram(m.PREFILL_TIME), histogram(m.DECODE_TIME)
        self._inference = histogram(m.INFERENCE_TIME)
        self._prompts, self._outputs = histogram(m.REQUEST_PROMPT_TOKENS), histogram(m.REQUEST_GENERATION_TOKENS)
        self._longest = histogram(m.REQUEST_MAX_GENERATION_TOKENS)
        self._computed = histogram(m.REQUEST_PREFILL_COMPUTED_TOKENS)
        self._limits, self._n = histogram(m.REQUEST_PARAMS_MAX_TOKENS), histogram(m.REQUEST_PARAMS_N)
        self._times = histogram(m.REQUEST_PREEMPTIONS)
        self._corrupted = cell(m.CORRUPTED_REQUESTS)

    # ------------------------------------------------------------------------------------------- outside

    def change(self, conditions: Conditions, traffic: Traffic) -> None:
        """Other conditions and traffic from now on."""
        thawed = self.conditions.frozen and not conditions.frozen  # who came meanwhile has hung up
        if thawed or traffic != self.source.traffic:
            self.source.change(traffic, self.now)
        if conditions.caching != self.cache.caching and not self._batch:
            self.cache = BlockCache(self.hardware.blocks, self.hardware.block_size, conditions.caching)
        self.conditions = conditions

    @property
    def running(self) -> int:
        """Requests in the batch."""
        return len(self._batch)

    @property
    def requests(self) -> int:
        """Requests in the batch and in the queue."""
        return len(self._batch) + len(self.waiting)

    def unfinished(self) -> list[Request]:
        """Requests in the batch, in the queue and in the API server."""
        return [*(who.request for who in self._batch), *self.waiting, *self._front]

    def run(self, until: float) -> None:
        """Advance to a time; the last step may end a little after it."""
        if self.conditions.frozen:
            self._pass(max(until - self.now, 0.0), "stalled" if self.requests else "idle")
            return
        while self.now < until:
            self._arrive()
            if not self._batch and not self.waiting:
                self._pass(min(until, self._next) - self.now, "idle")
                continue
            self._give_up()
            if self._prefilling or self._admissible():
                self._one_step()
            elif self._batch:
                self._many_steps(until)
            else:  # the first in the queue fits nowhere: it never will
                self._finish_waiting(self.waiting.popleft(), "error")
        self.gauges()

    def gauges(self) -> None:
        """Write the values of the moment."""
        self._running.value = len(self._batch)
        self._queued.value = self._by_reason.value = len(self.waiting)
        self._usage.value = self.cache.used / self.cache.blocks

    # ------------------------------------------------------------------------------------------ arrivals

    def _arrive(self) -> None:
        while self.source.next <= self.now:
            request = self.source.take()
            if self.conditions.front_end:
                self._front_free = max(self._front_free, request.arrival) + self.conditions.front_end
                request.queued = self._front_free
                self._front.append(request)
            else:
                self._enter(request)
        while self._front and self._front[0].queued <= self.now:
            self.front_seconds += self.conditions.front_end
            self._enter(self._front.popleft())

    def _enter(self, request: Request) -> None:
        """The engine gets a request, unless it is refused."""
        limit = self.conditions.max_queued
        if limit and len(self.waiting) >= limit:
            request.reason = "rejected"
        elif self.dice.random() < self.source.traffic.bad or request.reason == "bad":
            request.reason = "bad"
        else:
            self.waiting.append(request)
            return
        self._outcome(request, self.now)
        self.source.done(self.now)

    @property
    def _next(self) -> float:
        """When a request arrives, or comes out of the API server."""
        return min(self.source.next, self._front[0].queued) if self._front else self.source.next

    def _give_up(self) -> None:
        """Clients whose patience is over leave the queue, uncounted, as in vLLM."""
        patience = self.source.traffic.patience
        while self.waiting and self.waiting[0].scheduled < 0 and self.now - self.waiting[0].arrival > patience:
            self._finish_waiting(self.waiting.popleft(), "gone")

    def _finish_waiting(self, request: Request, reason: str) -> None:
        request.reason = reason
        if reason == "error":
            self.ledger.cell(m.REQUEST_SUCCESS, finished_reason="error").value += 1
        self._outcome(request, self.now)
        self.source.done(self.now)

    # ---------------------------------------------------------------------------------------------- steps

    def _admissible(self) -> bool:
        return bool(self.waiting) and len(self._batch) < self.hardware.max_num_seqs and self._fits(self.waiting[0])

    def _fits(self, request: Request) -> bool:
        cache, tokens = self.cache, request.prompt + request.produced
        if request.chain:
            found = self._found(request)
            first = min(tokens - len(found) * BLOCK, self.hardware.max_num_batched_tokens)
            return -(-first // cache.block_size) + cache.idle_blocks(found) <= cache.free
        cached = cache.cached_tokens(request.prefix, min(request.prefix_tokens, tokens - 1))
        shared = min(request.prefix_tokens, tokens - 1) // cache.block_size if cache.caching else 0
        first = min(tokens - cached, self.hardware.max_num_batched_tokens)
        blocks = (
            -(-(cached + first) // cache.block_size) - shared + cache.needs(request.prefix, shared * cache.block_size)
        )
        return blocks <= cache.free

    def _found(self, request: Request) -> list[int]:
        """Nodes of a recorded prompt that the cache has; the last token is always computed, as in vLLM."""
        return self.cache.found(request.chain, min(request.prompt, request.prompt + request.produced - 1))

    def _one_step(self) -> None:
        """A step with prefill in it."""
        budget = self.hardware.max_num_batched_tokens - self._decoding
        preempted = not self._grow(1)
        computed, pairs = 0, 0.0
        done: list[_Running] = []
        for who in list(self._prefilling):
            if who not in self._prefilling or budget <= 0:
                continue
            chunk = min(who.left, budget)
            if not self._chunk(who, chunk):
                preempted = True
                continue
            budget, computed, pairs = budget - chunk, computed + chunk, pairs + _pairs(who, chunk)
            if not who.left:
                done.append(who)
        while not preempted and budget > 0 and self._admissible():
            who = self._admit(self.waiting.popleft())
            chunk = min(who.left, budget)
            if not self._chunk(who, chunk):
                break
            budget, computed, pairs = budget - chunk, computed + chunk, pairs + _pairs(who, chunk)
            if not who.left:
                done.append(who)
        seconds = self._seconds(1, computed, pairs)
        self._pass(seconds, self._stopped(budget))
        cached = sum(who.request.cached for who in done) if self._counts_cached else 0
        self._count_decode(1, seconds, computed + cached)
        for who in done:
            if who in self._prefilling:
                self._begin_decode(who)
        self._end_decode()

    def _many_steps(self, until: float) -> None:
        """Steps of decode alone, up to the next arrival, end, lack of blocks or the time asked for."""
        one = self._seconds(1, 0)
        steps = self._ends[0][0] - self._step
        horizon = min(until, self._next) if len(self._batch) < self.hardware.max_num_seqs else until
        steps = max(1, min(steps, math.ceil((horizon - self.now) / one)))
        while steps > 1 and self._needed(steps) > self.cache.free:
            steps //= 2
        if steps == 1 and self._needed(1) > self.cache.free:
            self._grow(1)
            if not self._decoding:
                return
            steps = 1
        else:
            self._grow(steps)
        seconds = self._seconds(steps, 0)
        self._pass(seconds * steps, self._stopped(1))
        self._count_decode(steps, seconds, 0)
        self._end_decode()

    def _pass(self, seconds: float, bound: Bound) -> None:
        self.now += seconds
        self.bound[bound] += seconds

    def _stopped(self, budget: int) -> Bound:
        """What keeps the first in the queue out of a step, whatever its budget; `budget`: tokens that it has left.

        Without a queue: whether a prompt needs another step.
        """
        if self.waiting and len(self._batch) >= self.hardware.max_num_seqs:
            return "seqs"
        if self.waiting and not self._fits(self.waiting[0]):
            return "kv"
        return "tokens" if budget <= 0 and (self.waiting or self._prefilling) else "decode"

    def _seconds(self, steps: int, computed: int, pairs: float = 0.0) -> float:
        """Duration of one step, the mean over so many."""
        context = self._context + self._decoding * steps / 2
        noise = 1 + 0.05 * self.dice.gauss(0, 1)
        seconds = self.hardware.step(self._decoding, self.conditions.drafts, computed, context, pairs)
        return seconds * max(noise, 0.5) / self.conditions.speed * self._slowdown

    def _count_decode(self, steps: int, seconds: float, computed: int) -> None:
        outputs = self._decoding * steps
        tokens = outputs * self.conditions.tokens_per_step
        self._step += steps
        self._iteration.observe(self._decoding * self.conditions.tokens_per_step + computed, steps)
        if outputs:
            self._context += outputs
            self._itl.observe(seconds, outputs)
            self._generated.value += tokens
            self._speculated(outputs)

    def _speculated(self, outputs: int) -> None:
        drafts, keep = self.conditions.drafts, self.conditions.acceptance
        if not drafts:
            return
        cell = self.ledger.cell
        cell(m.SPEC_DRAFTS).value += outputs
        cell(m.SPEC_DRAFT_TOKENS).value += outputs * drafts
        cell(m.SPEC_ACCEPTED_TOKENS).value += outputs * drafts * keep
        weights = [0.75**n for n in range(drafts)]  # a later position is kept only if the earlier ones are
        for position, weight in enumerate(weights):
            share = min(1.0, drafts * keep * weight / sum(weights))
            cell(m.SPEC_ACCEPTED_PER_POSITION, position=str(position)).value += outputs * share

    # --------------------------------------------------------------------------------------------- blocks

    def _needed(self, steps: int) -> int:
        """Blocks that the requests in decode will need in so many steps."""
        size = self.hardware.block_size
        whole, rest = divmod(steps, size)
        return whole * self._decoding + sum(self._slots[(self._step + n) % size] for n in range(rest))

    def _grow(self, steps: int) -> bool:
        """Give the requests in decode their blocks; False if somebody had to leave for it."""
        kept = True
        while self._needed(steps) > self.cache.free and self._batch:
            self._preempt()
            kept = False
        needed = self._needed(steps)
        if needed:
            self.cache.take(needed)
        return kept

    def _chunk(self, who: _Running, chunk: int) -> bool:
        """Compute a part of a prompt; False if there were no blocks for it and `who` had to leave."""
        size = self.hardware.block_size
        blocks = max(0, -(-(who.context - who.left + chunk) // size) - who.shared - who.private)
        while blocks > self.cache.free:
            youngest = self._batch[-1]
            self._preempt()
            if youngest is who:
                return False
        self.cache.take(blocks)
        who.private += blocks
        who.left -= chunk
        if who.request.chain:
            self._offer(who)
        return True

    def _offer(self, who: _Running) -> None:
        """Let others find the blocks of a prompt that are computed."""
        until = (who.context - who.left) // BLOCK
        new = self.cache.add(who.request.chain[who.offered : until])
        blocks = len(new) * self.cache.per_node
        who.held += new
        who.private, who.shared = who.private - blocks, who.shared + blocks
        who.offered = until

    def _let_go(self, who: _Running, private: int) -> None:
        """Give back all that a request holds, `private` blocks of it its own."""
        self.cache.let_go(who.request.prefix if self.cache.caching else -1, private)
        self.cache.let_go_nodes(who.held)

    def _private(self, who: _Running) -> int:
        """Blocks that a request holds alone."""
        if who.start < 0:
            return who.private
        tokens = who.at_start + self._step - who.start
        return max(0, -(-tokens // self.hardware.block_size) - who.shared)

    def _preempt(self) -> None:
        """The youngest goes back to the head of the queue, and loses what it had computed."""
        who = self._batch.pop()
        request = who.request
        self._let_go(who, self._private(who))
        if who.start < 0:
            self._prefilling.remove(who)
        else:
            self._ends = [end for end in self._ends if end[2] is not who]
            heapq.heapify(self._ends)
            self._leave_decode(who)
            request.produced = self._produced(who)
        request.preempted += 1
        self._preempted.value += 1
        self.waiting.appendleft(request)

    def _leave_decode(self, who: _Running) -> None:
        self._decoding -= 1
        self._context -= who.at_start + self._step - who.start
        self._slots[who.slot] -= 1

    def _produced(self, who: _Running) -> int:
        steps = self._step - who.start
        return min(
            who.request.output, who.at_start - who.request.prompt + 1 + int(steps * self.conditions.tokens_per_step)
        )

    # ---------------------------------------------------------------------------------- a request's life

    def _admit(self, request: Request) -> _Running:
        cache, tokens = self.cache, request.prompt + request.produced
        prefix = request.prefix if cache.caching else -1
        held = self._found(request) if request.chain else []
        if held:
            cache.hold_nodes(held)
            cached, shared = len(held) * BLOCK, len(held) * cache.per_node
        else:
            cached = cache.cached_tokens(prefix, min(request.prefix_tokens, tokens - 1)) if cache.caching else 0
            shared = cache.hold(prefix, min(request.prefix_tokens, tokens - 1))
        if request.scheduled < 0:
            request.scheduled, request.cached = self.now, cached
            if cache.caching:
                self._queries.value += request.prompt
                self._hits.value += cached
        who = _Running(request, cached, shared)
        who.held, who.offered = held, len(held)
        self._batch.append(who)
        self._prefilling.append(who)
        return who

    def _begin_decode(self, who: _Running) -> None:
        """The prompt is computed, and the first (or, after a preemption, the next) token is there."""
        request = who.request
        self._prefilling.remove(who)
        self._generated.value += 1
        request.produced += 1
        if request.first_token < 0:
            request.first_token = self.now
            self._ttft.observe(self.now - request.arrival + _OVERHEAD)
            self._prompt.value += request.prompt
            self._local.value += request.prompt - request.cached
            for cell in (self._cached, self._cached_device, self._local_hit):
                cell.value += request.cached
        else:
            self._itl.observe(self.now - request.last_token)
        request.last_token = self.now
        if request.produced >= request.output:
            self._batch.remove(who)
            self._let_go(who, who.private)
            self._finish(request)
            return
        who.start, who.at_start = self._step, request.prompt + request.produced - 1
        size = self.hardware.block_size
        # Its next token goes where tokens % size says; a new block is needed when that is 0.
        who.slot = (self._step - who.at_start) % size
        self._slots[who.slot] += 1
        self._decoding += 1
        self._context += who.at_start
        steps = math.ceil((request.output - request.produced) / self.conditions.tokens_per_step)
        self._ties += 1
        heapq.heappush(self._ends, (self._step + steps, self._ties, who))

    def _end_decode(self) -> None:
        while self._ends and self._ends[0][0] <= self._step:
            who = heapq.heappop(self._ends)[2]
            request = who.request
            self._let_go(who, self._private(who))
            self._leave_decode(who)
            self._batch.remove(who)
            request.produced, request.last_token = request.output, self.now
            self._finish(request)

    def _finish(self, request: Request) -> None:
        reason, now = request.reason, self.now
        self.ledger.cell(m.REQUEST_SUCCESS, finished_reason=reason).value += 1
        self._e2e.observe(now - request.arrival + _OVERHEAD)
        self._queue.observe(request.scheduled - max(request.arrival, request.queued))
        self._prefill.observe(request.first_token - request.scheduled)
        self._decode.observe(now - request.first_token)
        self._inference.observe(now - request.scheduled)
        self._tpot.observe((now - request.first_token) / (request.output - 1) if request.output > 1 else 0.0)
        self._prompts.observe(request.prompt)
        self._outputs.observe(request.output)
        self._longest.observe(request.output)
        self._computed.observe(request.prompt - request.cached)
        self._limits.observe(request.max_tokens)
        self._n.observe(1)
        self._times.observe(request.preempted)
        if request.corrupted:
            self._corrupted.value += 1
        self._outcome(request, now)
        self.source.done(now)
