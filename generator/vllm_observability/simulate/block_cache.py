"""The KV block pool when prompts are known block by block: a tree of prompt beginnings, evicted leaf first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from vllm_observability.simulate.kv_cache import KvCache
from vllm_observability.simulate.recorded import BLOCK


class BlockCache(KvCache):
    """A prefix cache over the nodes of recorded prompts, besides the shared beginnings of drawn ones.

    A node is a beginning of a prompt up to the end of one of its blocks, so that equal nodes mean equal beginnings, as
    with vLLM's hashes of blocks. A request holds the nodes that it found and those that it has computed; a node that
    nobody holds may be evicted, the one that was given back first before the others. The last block of a prompt is
    given back first: an inner node of the tree outlives the nodes below it.
    """

    def __init__(self, blocks: int, block_size: int, caching: bool = True) -> None:
        super().__init__(blocks, block_size, caching)
        self.per_node = max(1, BLOCK // block_size)
        self._held: dict[int, int] = {}  # node -> requests that hold it
        self._left: OrderedDict[int, None] = OrderedDict()  # nodes that nobody holds, oldest first

    def found(self, chain: Sequence[int], tokens: int) -> list[int]:
        """Nodes of a chain that need no prefill, of the first `tokens` of the prompt."""
        if not self.caching:
            return []
        found = []
        for node in chain[: tokens // BLOCK]:
            if node not in self._held and node not in self._left:
                break
            found.append(node)
        return found

    def idle_blocks(self, nodes: Sequence[int]) -> int:
        """Blocks that holding these nodes would take from the free ones."""
        return self.per_node * sum(node in self._left for node in nodes)

    def hold_nodes(self, nodes: Sequence[int]) -> None:
        """Hold nodes that were found."""
        for node in nodes:
            if node in self._left:
                del self._left[node]
                self._idle_blocks -= self.per_node
                self._shared_blocks += self.per_node
                self._held[node] = 1
            else:
                self._held[node] += 1

    def add(self, nodes: Sequence[int]) -> list[int]:
        """Let others find what a request has computed in its own blocks; the nodes that nobody else had.

        Where another request computed the same at the same time, the request keeps its copy to itself.
        """
        if not self.caching:
            return []
        new = [node for node in nodes if node not in self._held and node not in self._left]
        for node in new:
            self._held[node] = 1
        self.private -= self.per_node * len(new)
        self._shared_blocks += self.per_node * len(new)
        return new

    def let_go_nodes(self, nodes: Sequence[int]) -> None:
        """Give nodes back, the last one first."""
        for node in reversed(nodes):
            self._held[node] -= 1
            if not self._held[node]:
                del self._held[node]
                self._left[node] = None
                self._shared_blocks -= self.per_node
                self._idle_blocks += self.per_node

    def _evict(self) -> None:
        super()._evict()
        while self._left and self.used + self._idle_blocks > self.blocks:
            self._left.popitem(last=False)
            self._idle_blocks -= self.per_node
