"""The KV block pool with its prefix cache: how many blocks are in use, and what can be reused."""

from __future__ import annotations

from collections import OrderedDict


class KvCache:
    """Blocks held by requests, blocks shared by a prefix in use, and idle prefixes that may be evicted.

    Blocks of an idle prefix count as free, as in vLLM: the usage gauge does not show them. Only shared beginnings are
    kept; what a finished request held alone is free at once.
    """

    def __init__(self, blocks: int, block_size: int, caching: bool = True) -> None:
        self.blocks = blocks - 1  # vLLM keeps one block for itself
        self.block_size = block_size
        self.caching = caching
        self.private = 0
        self._users: dict[int, int] = {}  # prefix -> requests that hold it
        self._shared: dict[int, int] = {}  # prefix in use -> its blocks
        self._idle: OrderedDict[int, int] = OrderedDict()  # prefix nobody holds -> its blocks, oldest first
        self._shared_blocks = 0
        self._idle_blocks = 0

    @property
    def used(self) -> int:
        """Blocks that are held."""
        return self.private + self._shared_blocks

    @property
    def free(self) -> int:
        """Blocks that can be had, idle prefixes included."""
        return self.blocks - self.used

    def cached_tokens(self, prefix: int, tokens: int) -> int:
        """How many of the first `tokens` of a prefix need no prefill: whole blocks only."""
        blocks = self._shared.get(prefix) or self._idle.get(prefix, 0)
        return min(blocks, tokens // self.block_size) * self.block_size

    def needs(self, prefix: int, cached: int) -> int:
        """Blocks that holding the cached tokens would take from the free ones."""
        return 0 if prefix in self._shared else cached // self.block_size

    def hold(self, prefix: int, tokens: int) -> int:
        """Hold a prefix, at the least its first `tokens`; the number of its blocks that are shared with others."""
        if not self.caching or prefix < 0:
            return 0
        blocks = tokens // self.block_size
        if prefix in self._idle:
            kept = self._idle.pop(prefix)
            self._idle_blocks -= kept
            self._share(prefix, kept)
        elif prefix not in self._shared:
            self._share(prefix, blocks)
        self._users[prefix] = self._users.get(prefix, 0) + 1
        self._evict()
        return min(blocks, self._shared[prefix])

    def _share(self, prefix: int, blocks: int) -> None:
        self._shared[prefix] = blocks
        self._shared_blocks += blocks

    def let_go(self, prefix: int, private: int) -> None:
        """A request gives back its own blocks, and its hold on a prefix (-1: it has none)."""
        self.private -= private
        if not self.caching or prefix < 0:
            return
        self._users[prefix] -= 1
        if not self._users[prefix]:
            del self._users[prefix]
            blocks = self._shared.pop(prefix)
            self._shared_blocks -= blocks
            self._idle[prefix] = blocks
            self._idle_blocks += blocks

    def take(self, blocks: int) -> None:
        """Hold more blocks; there must be so many free ones."""
        self.private += blocks
        self._evict()

    def _evict(self) -> None:
        while self._idle and self.used + self._idle_blocks > self.blocks:
            _, blocks = self._idle.popitem(last=False)
            self._idle_blocks -= blocks
