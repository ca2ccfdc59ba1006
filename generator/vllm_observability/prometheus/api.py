"""The query API of a Prometheus, or of anything that answers like one."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from vllm_observability.pages.fetch import Fetched, FetchError, fetch
from vllm_observability.pages.sources import Access, SourceError


@dataclass(frozen=True)
class Api:
    """The query API of one server."""

    url: str
    access: Access
    most: int

    @property
    def name(self) -> str:
        """The address without what may be secret in it."""
        return re.sub(r"//[^/@]*@", "//", self.url.partition("?")[0])

    def now(self) -> float:
        """The server's own time: its clock, not ours, says what is recent."""
        return float(self.ask("time()", None)["result"][0])

    def vector(self, query: str, at: float) -> list[tuple[Mapping[str, str], float]]:
        """Rows of an instant query."""
        data = self.ask(query, at)
        return [(row["metric"], float(row["value"][1])) for row in data["result"]]

    def ask(self, query: str, at: float | None) -> Any:
        """The data of an answer."""
        form = {"query": query} if at is None else {"query": query, "time": f"{at:.3f}"}
        found = self._get(f"{self.url}/api/v1/query?{urlencode(form)}")
        try:
            answer = json.loads(found.raw)
            if answer["status"] == "success":
                return answer["data"]
            problem = str(answer.get("error", "no reason given"))
        except (ValueError, KeyError, TypeError):
            problem = "the answer is not that of a Prometheus"
        raise SourceError(f"{self.name}: {problem[:300]}. Give the address that ends before /api/v1.")

    def _get(self, url: str) -> Fetched:
        try:
            return fetch(
                url,
                headers=self.access.headers,
                bearer_token_file=self.access.bearer_token_file,
                ca_file=self.access.ca_file,
                timeout=self.access.timeout,
                max_bytes=self.most,
            )
        except FetchError as error:
            if re.search(r"answered (400|422)", str(error)):
                raise QueryRefused(f"{self.name} refuses the query: look at --model and --selector") from None
            if "answered 404" in str(error):
                raise SourceError(
                    f"{self.name}: there is no Prometheus API. Give the address that ends before /api/v1; a page of "
                    "/metrics is read without --prometheus."
                ) from None
            raise SourceError(str(error)) from None


class QueryRefused(SourceError):
    """The server is there and answers, but not this question."""
