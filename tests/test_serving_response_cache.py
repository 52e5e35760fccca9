"""ResponseCache of answers: the right one for each request, none of what may change or fail, never more than there is room."""

import asyncio
import gzip

import pytest
from packpress.web.serving.response_cache import Copy, ResponseCache, accepts_gzip, cache_responses

from tests.site_client import wait_for

TEXT = (b"content-type", b"text/html; charset=utf-8")
LONG = b"<p>words</p>" * 1000


class Origin:
    """An application that counts how often it is asked, and answers as it is told to."""

    def __init__(self, body=LONG, status=200, headers=(TEXT,), pieces=1):
        self.body, self.status, self.headers, self.pieces = body, status, list(headers), pieces
        self.asked = []

    async def __call__(self, scope, receive, send):
        self.asked.append(scope)
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        size = len(self.body) // self.pieces
        for place in range(self.pieces):
            end = None if place == self.pieces - 1 else (place + 1) * size
            body = self.body[place * size : end]
            await send({"type": "http.response.body", "body": body, "more_body": end is not None})


def ask(app, path=b"/", **options):
    """Status, headers and body of an answer."""
    return wait_for(call(app, path, **options))


async def call(app, path=b"/", query=b"", method="GET", **headers):
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": method, "path": path.decode(), "raw_path": path, "query_string": query}
    sent = []

    async def send(message):
        sent.append(message)

    await app({**scope, "headers": named}, None, send)
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return sent[0]["status"], dict(sent[0]["headers"]), body


class SlowOrigin(Origin):
    """Takes a moment, in which others may ask for the same."""

    async def __call__(self, scope, receive, send):
        await asyncio.sleep(0.02)
        await super().__call__(scope, receive, send)


def test_what_was_asked_for_is_not_made_again():
    origin = Origin()
    app = cache_responses(origin, 10**7)
    assert ask(app) == ask(app)
    assert len(origin.asked) == 1


@pytest.mark.parametrize(
    "other",
    [{"path": b"/other"}, {"query": b"a=1"}, {"host": "other.example"}, {"accept_encoding": "gzip"}],
    ids=str,
)
def test_what_an_answer_depends_on_is_asked_for_anew(other):
    origin = Origin()
    app = cache_responses(origin, 10**7)
    ask(app)
    ask(app, **other)
    assert len(origin.asked) == 2


@pytest.mark.parametrize(
    "origin",
    [
        Origin(status=404),
        Origin(status=500),
        Origin(status=302, headers=[(b"location", b"/x")]),
        Origin(headers=[TEXT, (b"set-cookie", b"a=b")]),
        Origin(headers=[TEXT, (b"cache-control", b"private, no-store")]),
        Origin(pieces=3),
        Origin(body=b"x" * 700_000),
        Origin(body=b"x" * 700_000, headers=[TEXT, (b"content-length", b"700000")], pieces=3),
    ],
    ids=[
        "not found",
        "error",
        "elsewhere",
        "cookie",
        "not to be kept",
        "stream",
        "too large",
        "too large a file",
    ],
)
def test_what_may_not_be_kept_goes_straight_on(origin):
    app = cache_responses(origin, 10**7)
    for _ in range(2):
        status, headers, body = ask(app)
        assert (status, body) == (origin.status, origin.body)
        assert b"etag" not in headers
    assert len(origin.asked) == 2


def test_a_file_that_says_how_long_it_is_is_kept():
    origin = Origin(headers=[TEXT, (b"content-length", b"%d" % len(LONG))], pieces=4)
    app = cache_responses(origin, 10**7)
    assert ask(app)[2] == ask(app)[2] == LONG
    assert len(origin.asked) == 1


def test_an_answer_is_packed_for_who_takes_it_so():
    app = cache_responses(Origin(), 10**7)
    _, plain, body = ask(app)
    _, packed, small = ask(app, accept_encoding="br, gzip")
    assert body == LONG == gzip.decompress(small)
    assert packed[b"content-encoding"] == b"gzip"
    assert packed[b"vary"] == plain[b"vary"] == b"Accept-Encoding"
    assert packed[b"etag"] != plain[b"etag"]
    assert int(packed[b"content-length"]) == len(small)


@pytest.mark.parametrize("kind", [b"application/zip", b"image/png"])
def test_what_is_packed_already_is_left_as_it_is(kind):
    _, headers, body = ask(
        cache_responses(Origin(headers=[(b"content-type", kind)]), 10**7), accept_encoding="gzip"
    )
    assert b"content-encoding" not in headers
    assert body == LONG


def test_who_has_an_answer_is_told_so_and_head_has_no_body():
    origin = Origin()
    app = cache_responses(origin, 10**7)
    _, headers, _ = ask(app, method="HEAD")
    assert origin.asked[0]["method"] == "GET"
    etag = headers[b"etag"].decode()
    assert ask(app, method="HEAD")[2] == b""
    for known in (etag, f"W/{etag}", f'"x", {etag}', "*"):
        status, again, body = ask(app, if_none_match=known)
        assert (status, body) == (304, b"")
        assert again[b"etag"] == headers[b"etag"]
    assert ask(app, if_none_match='"other"')[0] == 200
    assert len(origin.asked) == 1


def test_copies_take_no_more_room_than_they_have_and_the_oldest_goes_first():
    copies = ResponseCache(100_000)
    for number in range(200):
        copies.keep((b"", b"%d" % number, b"", False), Copy((), b"x" * 2000, b""))
        assert copies.used == sum(copy.size for copy in copies.kept.values()) <= 100_000
        assert copies.find((b"", b"0", b"", False))
    copies.keep((b"", b"large", b"", False), Copy((), b"x" * 50_000, b""))
    assert not copies.find((b"", b"large", b"", False))
    copies.keep((b"", b"0", b"", False), Copy((), b"x", b""))
    assert copies.used == sum(copy.size for copy in copies.kept.values())


@pytest.mark.parametrize(
    ("header", "takes"),
    [
        (b"gzip", True),
        (b"deflate, gzip;q=0.5", True),
        (b"*", True),
        (b"", False),
        (b"br", False),
        (b"gzip;q=0", False),
        (b"gzip; q=0.0, br", False),
    ],
)
def test_whether_gzip_is_taken(header, takes):
    assert accepts_gzip(header) is takes


def test_who_asks_for_what_is_being_made_waits_for_it():
    async def ask_at_once(origin):
        app = cache_responses(origin, 10**7)
        return await asyncio.gather(*(call(app) for _ in range(5)))

    origin = SlowOrigin()
    assert len({body for _, _, body in wait_for(ask_at_once(origin))}) == 1
    assert len(origin.asked) == 1
    origin = SlowOrigin(status=404)
    assert {status for status, _, _ in wait_for(ask_at_once(origin))} == {404}
    assert len(origin.asked) == 5


def test_who_gives_up_leaves_nobody_waiting():
    async def give_up_and_ask(origin):
        app = cache_responses(origin, 10**7)
        first, second = asyncio.create_task(call(app)), asyncio.create_task(call(app))
        await asyncio.sleep(0.01)
        first.cancel()
        return await asyncio.wait_for(second, 5)

    assert wait_for(give_up_and_ask(SlowOrigin()))[0] == 200
