#!/usr/bin/env python3
"""The built site as a reader meets it: every link followed, nothing fetched from outside, then read in Chromium.

usage: site_check.py SITE
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

PREVIEW = Path(__file__).resolve().parent.parent / "preview"
HOST = "http://site"
LOADS = {"img": "src", "script": "src", "link": "href", "source": "src", "iframe": "src"}


class Page(HTMLParser):
    """Targets of links, what is loaded with the page, and places that a link can lead to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.places: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Each tag."""
        given = dict(attrs)
        self.places |= {value for key in ("id", "name") if (value := given.get(key))}
        if tag == "a" and (target := given.get("href")):
            self.links.append(target)
        if tag in LOADS and given.get("rel") != "canonical" and (target := given.get(LOADS[tag])):
            self.loads.append(target)


def pages(site: Path) -> dict[str, Page]:
    """Every page by its URL."""
    found = {}
    for path in sorted(site.rglob("*.html")):
        url = f"{HOST}/{path.relative_to(site).as_posix()}"
        found[url.removesuffix("index.html")] = Page(path.read_text(encoding="utf-8"))
    return found


def broken(site: Path, read: Mapping[str, Page]) -> Iterator[str]:
    """Links that lead nowhere, and what a page would fetch from another host."""
    for url, page in read.items():
        for target in page.loads:
            if urlsplit(urljoin(url, target)).netloc != "site":
                yield f"{url}: loads {target}"
        for target in (*page.links, *page.loads):
            whole, place = urldefrag(urljoin(url, target))
            if urlsplit(whole).netloc != "site":
                continue
            there = read.get(whole) or read.get(f"{whole}index.html")
            file = site / unquote(urlsplit(whole).path).lstrip("/")
            if there is None and not (file.is_file() or (file / "index.html").is_file()):
                yield f"{url}: {target} is not there"
            elif there and place and unquote(place) not in there.places:
                yield f"{url}: {target} has no such place"


def main(arguments: list[str]) -> int:
    """Exit code: 0 where all is well."""
    site = Path(arguments[0]).resolve()
    read = pages(site)
    found = list(broken(site, read))
    print(f"{len(read)} pages, {sum(len(page.links) for page in read.values())} links, {len(found)} broken", flush=True)
    for line in found:
        print(line, file=sys.stderr)
    if not read or found:
        return 1
    if not (os.environ.get("CHROMIUM") or shutil.which("chromium")):
        print("Install the Debian package chromium, or set CHROMIUM to its path.", file=sys.stderr)
        return 2
    handler = functools.partial(Quiet, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            address = f"http://127.0.0.1:{server.server_address[1]}"
            words = [shutil.which("node") or "node", str(PREVIEW / "site.mjs"), address, *arguments[1:]]
            return subprocess.run(words, check=False).returncode
        finally:
            server.shutdown()


class Quiet(SimpleHTTPRequestHandler):
    """Files, without a line for each."""

    def log_message(self, *_: object) -> None:
        """Nothing on the terminal."""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]) if sys.argv[1:] else __doc__)
