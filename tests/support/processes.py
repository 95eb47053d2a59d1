"""Processes that a test starts as a newcomer would, and what is left of them afterwards."""

import http.cookiejar
import os
import re
import signal
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path

from scripts.servers import end_with_parent

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 90.0


def start(command: Sequence[str], log: Path, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start a command in the checkout; what it says goes into a file."""
    with log.open("wb") as output:
        return subprocess.Popen(
            command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, preexec_fn=end_with_parent,  # noqa: PLW1509
            env={**os.environ, "PYTHONUNBUFFERED": "1", **environment},
        )  # fmt: skip


def wait_until_said(process: subprocess.Popen[bytes], log: Path, words: str) -> str:
    """Return the line with these words once the process has said it."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        said = next((line for line in log.read_text("utf-8").splitlines() if words in line), None)
        if said is not None:
            return said
        assert process.poll() is None, log.read_text("utf-8")
        time.sleep(0.1)
    raise AssertionError(log.read_text("utf-8"))


def terminate(process: subprocess.Popen[bytes]) -> int:
    """Send SIGTERM and return the exit status."""
    process.send_signal(signal.SIGTERM)
    return process.wait(40)


def descendants(pid: int) -> set[int]:
    """Return the ids of all processes under this one."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[0] != "Z":
            parents[int(folder.name)] = int(fields[1])
    found: set[int] = set()
    fresh = {pid}
    while fresh:
        fresh = {one for one, parent in parents.items() if parent in fresh} - found
        found |= fresh
    return found


def alive(pids: set[int]) -> set[int]:
    """Return those that still run (a zombie does not)."""
    left = set()
    for pid in pids:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if state != "Z":
            left.add(pid)
    return left


def inbox_of(address: str, login: str, password: str) -> str:
    """Sign in over HTTP with a password and return the inbox page."""
    jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    browser = urllib.request.build_opener(jar)
    with browser.open(f"{address}/sign-in", timeout=20) as answer:
        page = answer.read().decode()
    found = re.search(r'name="csrf-token" content="([^"]+)"', page)
    assert found is not None
    form = urllib.parse.urlencode({"login": login, "password": password, "csrf_token": found[1]}).encode()
    with browser.open(f"{address}/sign-in", data=form, timeout=20) as answer:
        assert answer.status == 200
        assert answer.url.startswith(f"{address}/inbox")
        return str(answer.read().decode())
