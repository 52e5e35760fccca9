"""Client limits: how many requests of one client are handled at the same time, to leave room for others.

Further requests of a client wait in order of arrival; when too many are waiting, they are refused. Responses
from the cache are free and not counted.
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

# An IPv6 household has a whole network of addresses with this prefix length.
PREFIX = 64
# The header in which a proxy passes on the address of its client.
FORWARDED = b"x-forwarded-for"
BUSY = "You have sent too many requests at once; try again in a moment"
# Streamed responses are generated while a slow client receives them, so they have separate slots.
STREAM = ".csv"

Share = tuple[str, bool]


def name_client(scope: dict[str, Any], proxies: frozenset[str]) -> str:
    """The address of the client, or its network for IPv6.

    Clients can send any header. The forwarded address is therefore used only when the request comes from a
    proxy that the operator of the site has named, and only its last part, which that proxy wrote.

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
    """The addresses in normal form; CannotRunError for anything that is not an IP address.

    >>> check_proxies(["127.0.0.1", "0:0::1"])
    ['127.0.0.1', '::1']
    """
    checked = []
    for address in addresses:
        try:
            checked.append(str(ipaddress.ip_address(address)))
        except ValueError:
            shown = shorten_value(address)
            raise CannotRunError(f'proxy="{shown}": not an IP address; write 127.0.0.1 or ::1') from None
    return checked


def name_network(address: str) -> str:
    """The network of an IPv6 address; anything else is returned unchanged.

    >>> name_network("2001:db8::1:2"), name_network("192.0.2.9")
    ('2001:db8::/64', '192.0.2.9')
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address[:50]
    if isinstance(found, ipaddress.IPv6Address) and not found.ipv4_mapped:
        return str(ipaddress.ip_network((int(found), PREFIX), strict=False))
    return str(getattr(found, "ipv4_mapped", None) or found)


class Turns:
    """The requests of one client: those being handled, and those waiting, in order of arrival."""

    def __init__(self) -> None:
        self.running = 0
        self.waiting: deque[asyncio.Future[None]] = deque()

    async def take(self, most: int) -> None:
        """Waits until fewer than `most` requests are being handled, and then counts as one of them."""
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
                # It had just been given a slot, and no longer needs it.
                self.leave()
            raise

    def leave(self) -> None:
        """Passes the slot on to the next request."""
        while self.waiting:
            turn = self.waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self.running -= 1


def share_fairly(app: App, limits: Limits, root: str, free: str) -> App:
    """The application, which handles only a few requests of each client (`scope["client"]`) at the same time.

    The health check at the path `free` is exempt.
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
                # The response is complete; sending it slowly takes no slot.
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
