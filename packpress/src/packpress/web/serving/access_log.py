"""The access log: one line of JSON for each request, without personal data.

It has no address, browser or referrer of a visitor. It has nothing that they typed either: arguments are left
out, because they include searches, and a path is only logged if a page exists there.

Requests never wait for the log: lines that standard output does not accept immediately are dropped and
counted.
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
    """Writes to standard output, as long as somebody reads it.

    A line is dropped when it would block, for example on a full pipe; the next line that is written has the
    number of dropped lines as `dropped`. When the reader is gone, this is said once on standard error.
    """

    def __init__(self) -> None:
        self.dropped = 0
        self.has_reader = True

    def write(self, entry: dict[str, Any]) -> None:
        """Writes the entry as a line of JSON, or drops it; never blocks, and never raises."""
        if not self.has_reader:
            return
        entry = entry | ({"dropped": self.dropped} if self.dropped else {})
        try:
            self.dropped = 0 if write_now(f"{json.dumps(entry)}\n") else self.dropped + 1
        except BrokenPipeError:
            self.has_reader = False
            print("standard output: closed; requests are no longer logged", file=sys.stderr)
        except OSError:
            # The disk may be full, for example, and may have room again later.
            self.dropped += 1


def write_now(line: str) -> bool:
    """Whether standard output accepted the line without blocking; OSError when writing is impossible."""
    try:
        number = sys.stdout.fileno()
    except OSError:
        # Not a file, but an object of the program that runs us in its own process.
        sys.stdout.write(line)
        return True
    # Bypasses our own buffer: a line that is not accepted would stay in it and block the exit.
    data = line.encode()
    if len(data) > MOST_BYTES or not can_take(number):
        return False
    return os.write(number, data) == len(data)


# A pipe reports that it is writable only when it has room for this many bytes.
MOST_BYTES = 4096


def can_take(number: int) -> bool:
    """Whether an open file can be written to without blocking; Windows cannot tell, and is trusted."""
    if os.name == "nt":
        return True
    poll = select.poll()
    poll.register(number, select.POLLOUT)
    # A closed pipe counts as writable too: writing to it raises an error.
    return bool(poll.poll(0))


def log_requests(app: App) -> App:
    """The application, with a log line for every response."""
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

        # Inner applications add to this entry.
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
    """Whether something exists at the address."""
    return status in (200, 304) or status >= 500
