"""Client limits: how many requests of one client are worked on at once, so that others have theirs.

What one client asks for beyond its share waits its turn, the first to come first; what would wait behind too
many is refused. Copies of answers cost nothing and are not counted.
"""

import asyncio
import ipaddress
from collections import deque
from collections.abc import Iterable
from typing import Any

from packpress.problems import CannotRunError, shorten_value
from packpress.web.error_pages import refuse
from packpress.web.profiles import Limits
from packpress.web.security_headers import App

# A household has as many addresses of IPv6 as it likes, all of which begin so.
PREFIX = 64
# The name under which a proxy hands on for whom it asks.
FORWARDED = b"x-forwarded-for"
BUSY = "You have asked for much at once; ask again in a moment"
# What is sent while it is made, so that a slow listener takes up a place for long; it has places of its own.
STREAM = ".csv"

Share = tuple[str, bool]


def name_client(scope: dict[str, Any], proxies: frozenset[str]) -> str:
    """The address of who asks, or of the network, where it has many.

    Whoever asks may write what they like into a header. So one counts only if it comes from a proxy that
    whoever runs the site has named, and of what it holds only the end, which that proxy wrote.

    >>> asked = {"client": ("10.0.0.1", 5), "headers": [(b"x-forwarded-for", b"192.0.2.9, 2001:db8::1:2")]}
    >>> name_client(asked, frozenset()), name_client(asked, frozenset({"10.0.0.1"}))
    ('10.0.0.1', '2001:db8::/64')
    """
    address = scope["client"][0] if scope.get("client") else ""
    if address in proxies:
        told = [value for name, value in scope["headers"] if name == FORWARDED]
        address = told[-1].decode("latin-1").rpartition(",")[2].strip() if told else address
    return name_network(address)


def check_proxies(addresses: Iterable[str]) -> list[str]:
    """The addresses as connections have them; CannotRunError for what is none."""
    checked = []
    for address in addresses:
        try:
            checked.append(str(ipaddress.ip_address(address)))
        except ValueError:
            shown = shorten_value(address)
            raise CannotRunError(f'proxy="{shown}": no address; write it as 127.0.0.1 or ::1') from None
    return checked


def name_network(address: str) -> str:
    """The address as it is told from others; what is none, as it is."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address[:50]
    if isinstance(found, ipaddress.IPv6Address) and not found.ipv4_mapped:
        return str(ipaddress.ip_network((int(found), PREFIX), strict=False))
    return str(getattr(found, "ipv4_mapped", None) or found)


class Turns:
    """The requests of one client: those at work, and those that wait, in the order of their coming."""

    def __init__(self) -> None:
        self.running = 0
        self.waiting: deque[asyncio.Future[None]] = deque()

    async def take(self, most: int) -> None:
        """Waits until fewer than `most` are at work, and is at work from then on."""
        if self.running < most:
            self.running += 1
            return
        turn = asyncio.get_running_loop().create_future()
        self.waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn in self.waiting:
                self.waiting.remove(turn)
            elif not turn.cancelled():
                # It had just been given the place of another, and does not need it any more.
                self.leave()
            raise

    def leave(self) -> None:
        """Gives its place to the next."""
        while self.waiting:
            turn = self.waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self.running -= 1


def share_fairly(app: App, limits: Limits, root: str, free: str) -> App:
    """The application, which is asked for few things at once by any one client, `scope["client"]`.

    The page at the path `free`, by which machines see whether the site is well, always has its turn.
    """
    if not limits.client_requests:
        return app
    clients: dict[Share, Turns] = {}

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["path"].endswith(free):
            await app(scope, receive, send)
            return
        is_stream = scope["path"].endswith(STREAM)
        share = (scope["client"][0] if scope.get("client") else "", is_stream)
        turns = clients.setdefault(share, Turns())
        if len(turns.waiting) >= limits.client_waiting:
            await refuse(send, root, 503, BUSY, **{"retry-after": "2"})
            return
        has_place = False

        async def send_on(message: dict[str, Any]) -> None:
            nonlocal has_place
            if has_place and not is_stream:
                # It is made; that it is taken away slowly is no work.
                has_place = False
                turns.leave()
            await send(message)

        try:
            await turns.take(limits.client_requests)
            has_place = True
            await app(scope, receive, send_on)
        finally:
            if has_place:
                turns.leave()
            if not turns.running and not turns.waiting:
                clients.pop(share, None)

    return answer
