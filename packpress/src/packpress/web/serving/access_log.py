"""The access log: one line of JSON for each request, by which a site can be run and nobody be recognised.

Nothing of a visitor stands in it: no address, browser or referrer. Nothing that they typed either: arguments
are left out, for searches are among them, and a path is written down only when there is a page at it.
"""

import json
import sys
import time
from datetime import UTC, datetime
from typing import Any

from packpress.web.security_headers import App


def log_requests(app: App) -> App:
    """The application, whose every answer is written down."""

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
            line = {**entry, "status": status, "bytes": sent, "ms": spent, "copy": noted.get("copy", "none")}
            print(json.dumps(line), file=sys.stdout, flush=True)

    return answer


def is_a_page(status: int) -> bool:
    """Whether something of ours is at the address."""
    return status in (200, 304) or status >= 500
