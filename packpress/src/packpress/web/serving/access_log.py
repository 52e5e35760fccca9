"""The access log: one line of JSON for each request, by which a site can be run and nobody be recognised.

Nothing of a visitor stands in it: no address, browser or referrer. Nothing that they typed either: arguments
are left out, for searches are among them, and a path is written down only when there is a page at it.

No request waits for the log: what standard output does not take at once is dropped and counted.
"""

import json
import os
import select
import sys
import time
from datetime import UTC, datetime
from typing import Any

from packpress.web.security_headers import App


class AccessLog:
    """Standard output, as far as somebody reads it.

    A line that finds it full, as a pipe is that nobody reads, is dropped; the next one that is taken says how
    many were, as `dropped`. Once the reader is gone for good, that is said on standard error, once.
    """

    def __init__(self) -> None:
        self.dropped = 0
        self.has_reader = True

    def write(self, entry: dict[str, Any]) -> None:
        """Writes the entry as a line of JSON, or drops it; never waits, and raises nothing."""
        if not self.has_reader:
            return
        entry = entry | ({"dropped": self.dropped} if self.dropped else {})
        try:
            self.dropped = 0 if write_now(f"{json.dumps(entry)}\n") else self.dropped + 1
        except BrokenPipeError:
            self.has_reader = False
            print("standard output: closed; requests are logged no longer", file=sys.stderr)
        except OSError:
            # No room left on the disk, for one; there may be some again.
            self.dropped += 1


def write_now(line: str) -> bool:
    """Whether standard output takes the line without making us wait; OSError when it cannot."""
    try:
        number = sys.stdout.fileno()
    except OSError:
        # No file, but what a program that runs us in its own process reads.
        sys.stdout.write(line)
        return True
    # Beside our own buffer, in which a line that was not taken would remain, for the end to wait for.
    data = line.encode()
    if len(data) > MOST_BYTES or not can_take(number):
        return False
    return os.write(number, data) == len(data)


# A pipe says that it can take more only when there is room for so much.
MOST_BYTES = 4096


def can_take(number: int) -> bool:
    """Whether an open file takes a line at once; Windows tells nothing of files, and is believed."""
    if os.name == "nt":
        return True
    poll = select.poll()
    poll.register(number, select.POLLOUT)
    # A closed pipe is ready too: to write to it says so.
    return bool(poll.poll(0))


def log_requests(app: App) -> App:
    """The application, whose every answer is written down."""
    log = AccessLog()

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        began = time.perf_counter()
        entry = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "method": scope["method"]}
        status, sent = 0, 0

        async def send_on(message: dict[str, Any]) -> None:
            nonlocal status, sent
            status = message.get("status", status)
            sent += len(message.get("body", b""))
            await send(message)

        # Whoever answers further in leaves word here.
        noted: dict[str, Any] = {}
        try:
            await app({**scope, "state": noted}, receive, send_on)
        finally:
            if is_a_page(status):
                entry["path"] = scope["path"]
            spent = round((time.perf_counter() - began) * 1000, 1)
            log.write(
                {**entry, "status": status, "bytes": sent, "ms": spent, "copy": noted.get("copy", "none")}
            )

    return answer


def is_a_page(status: int) -> bool:
    """Whether something of ours is at the address."""
    return status in (200, 304) or status >= 500
