"""What a page may cost, and how much of one client is worked on at once, so that the others have their share."""

import asyncio
import random
import time
from dataclasses import replace

import pytest
from packpress.publish.site_file import read_build
from packpress.web.profiles import PROFILES, Limits
from packpress.web.routes import HEALTH
from packpress.web.serving.client_limits import Turns, check_proxies, name_client, share_fairly
from packpress.web.serving.response_cache import cache_responses
from packpress.web.site import open_site
from tests.web.packages import field, key_to, table, write_package
from tests.web.walk import Page, Site, wait_for

import packpress
from packpress import CannotRunError

LIMITS = Limits(client_requests=2, client_waiting=3)
COLUMNS = [f"c{place}" for place in range(12)]
FACETS = "&".join(f"_facet={name}" for name in COLUMNS[:10])


class Slow:
    """An application that takes until it is told to go on, and knows for whom it works."""

    def __init__(self):
        self.go_on = asyncio.Event()
        self.at_work = []
        self.most = 0

    async def __call__(self, scope, receive, send):
        self.at_work.append(scope["client"][0])
        self.most = max(self.most, self.at_work.count(scope["client"][0]))
        try:
            await self.go_on.wait()
        finally:
            self.at_work.remove(scope["client"][0])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"x"})


async def ask(app, client="a", path="/"):
    """The status of an answer."""
    sent = []

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": b""}
    await app({**scope, "client": (client, 0), "headers": []}, None, send)
    return sent[0]["status"]


def test_one_client_has_its_share_and_another_its_own():
    async def crowd():
        slow = Slow()
        app = share_fairly(slow, LIMITS, "/", HEALTH)
        asked = [asyncio.create_task(ask(app)) for _ in range(8)]
        await asyncio.sleep(0)
        other = asyncio.create_task(ask(app, "b"))
        await asyncio.sleep(0.01)
        assert sorted(slow.at_work) == ["a", "a", "b"]
        # Two at work and three that wait; the rest was told so at once.
        assert [task.result() for task in asked if task.done()] == [503] * 3
        slow.go_on.set()
        assert await other == 200
        assert sorted([await task for task in asked]) == [200] * 5 + [503] * 3
        assert slow.most == 2
        assert await ask(app) == 200

    wait_for(crowd())


def test_who_gives_up_makes_room():
    async def crowd():
        slow = Slow()
        app = share_fairly(slow, LIMITS, "/", HEALTH)
        asked = [asyncio.create_task(ask(app)) for _ in range(5)]
        await asyncio.sleep(0.01)
        for place in (0, 2, 1):
            asked[place].cancel()
        await asyncio.sleep(0.01)
        assert slow.most == 2
        slow.go_on.set()
        assert [await task for task in asked[3:]] == [200, 200]
        # Nothing is left taken.
        assert sorted(await asyncio.gather(*(ask(app) for _ in range(5)))) == [200] * 5

    wait_for(crowd())


@pytest.mark.parametrize("first", [True, False])
def test_who_gives_up_in_the_moment_of_their_turn_makes_room_too(first):
    """The place that becomes free goes to the next who still waits, and no error to anybody."""

    async def crowd():
        slow = Slow()
        app = share_fairly(slow, LIMITS, "/", HEALTH)
        asked = [asyncio.create_task(ask(app)) for _ in range(5)]
        await asyncio.sleep(0.01)
        if first:
            asked[2].cancel()
            slow.go_on.set()
        else:
            slow.go_on.set()
            await asyncio.sleep(0)
            asked[2].cancel()
        outcomes = await asyncio.gather(*asked, return_exceptions=True)
        assert {*outcomes[:2], *outcomes[3:]} == {200}
        assert isinstance(outcomes[2], asyncio.CancelledError) or outcomes[2] == 200
        assert sorted(await asyncio.gather(*(ask(app) for _ in range(5)))) == [200] * 5

    wait_for(crowd())


@pytest.mark.parametrize("seed", range(20))
def test_in_whatever_order_they_come_and_give_up_places_are_neither_lost_nor_won(seed):
    chance = random.Random(seed)
    turns, working, most = Turns(), 0, 0

    async def work():
        nonlocal working, most
        await turns.take(2)
        working += 1
        most = max(most, working)
        try:
            await asyncio.sleep(chance.choice([0, 0, 0.001]))
        finally:
            working -= 1
            turns.leave()

    async def crowd():
        tasks = []
        for _ in range(100):
            tasks.append(asyncio.create_task(work()))
            for _ in range(chance.randrange(3)):
                chance.choice(tasks).cancel()
            await asyncio.sleep(0) if chance.random() < 0.5 else None
        return await asyncio.gather(*tasks, return_exceptions=True)

    outcomes = wait_for(crowd())
    assert {type(outcome) for outcome in outcomes} <= {type(None), asyncio.CancelledError}
    assert (most, turns.running, len(turns.waiting)) == (2, 0, 0)


def test_health_and_streams_do_not_wait_for_pages():
    async def crowd():
        slow = Slow()
        app = share_fairly(slow, LIMITS, "/", HEALTH)
        pages = [asyncio.create_task(ask(app)) for _ in range(5)]
        await asyncio.sleep(0.01)
        more = [asyncio.create_task(ask(app, path=path)) for path in (f"/below{HEALTH}", "/a/b.csv")]
        await asyncio.sleep(0.01)
        assert len(slow.at_work) == 4
        slow.go_on.set()
        assert {*await asyncio.gather(*pages, *more)} == {200}

    wait_for(crowd())


def test_a_copy_waits_for_nothing():
    async def crowd():
        slow = Slow()
        slow.go_on.set()
        app = cache_responses(slow, 10**7, lambda making: share_fairly(making, LIMITS, "/", HEALTH))
        assert await ask(app, path="/kept") == 200
        slow.go_on.clear()
        for path in "abcde":
            asyncio.create_task(ask(app, path=f"/{path}"))  # noqa: RUF006 (ends with the loop)
        await asyncio.sleep(0.01)
        assert await ask(app, path="/f") == 503
        assert await asyncio.wait_for(ask(app, path="/kept"), 1) == 200

    wait_for(crowd())


@pytest.mark.parametrize(
    ("peer", "told", "client"),
    [
        ("192.0.2.1", [], "192.0.2.1"),
        ("192.0.2.1", ["198.51.100.7"], "192.0.2.1"),
        ("10.0.0.1", ["198.51.100.7"], "198.51.100.7"),
        ("10.0.0.1", ["10.9.9.9, 198.51.100.7"], "198.51.100.7"),
        ("10.0.0.1", ["10.9.9.9", "198.51.100.7"], "198.51.100.7"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["2001:db8:1:2:3::4"], "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", [], "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", [], "192.0.2.1"),
        ("10.0.0.1", ["<script>" * 99], ("<script>" * 99)[:50]),
    ],
)
def test_who_asks_is_believed_of_the_named_proxy_alone(peer, told, client):
    headers = [(b"x-forwarded-for", value.encode()) for value in told]
    assert name_client({"client": (peer, 1), "headers": headers}, frozenset({"10.0.0.1"})) == client


@pytest.mark.parametrize("address", ["", "localhost", "10.0.0.0/8", "10.0.0.1:80"])
def test_a_proxy_is_an_address(address):
    with pytest.raises(CannotRunError, match="not an IP address; write 127.0.0.1"):
        check_proxies([address])


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """A build whose tables have columns of a thousand values, of few, and a search index."""
    folder = tmp_path_factory.mktemp("many")
    rows = [[str(row), *(f"{row} {name}" for name in COLUMNS), f"k{row % 3}"] for row in range(1000)]
    kinds = table("kinds", [field("kind_id")], [["k0"], ["k1"], ["k2"]], primaryKey="kind_id")
    things = table(
        "things",
        [field("id"), *map(field, COLUMNS), field("kind_id")],
        rows,
        primaryKey="id",
        foreignKeys=[key_to("kind_id", "kinds")],
        publishing={"search": COLUMNS},
    )
    heavy = table(
        "heavy",
        [field("id"), *map(field, COLUMNS)],
        [row[:-1] for row in rows],
        primaryKey="id",
        publishing={"facets": COLUMNS, "facetSize": 400, "size": 100},
    )
    descriptor = write_package(folder / "package", [kinds, things, heavy], name="many")
    return packpress.build(packpress.read_package(descriptor), folder / "build", formats=["sqlite"]).folder


@pytest.mark.parametrize(
    "address",
    [
        f"things?{FACETS}&_facet_size=max",
        f"things?_size=1&{FACETS}&_facet_size=500",
        f"things.json?{FACETS}&_facet_size=max",
        f"things_fts?{FACETS}&_facet_size=max",
        "things?" + "&".join(["_facet=c1"] * 10) + "&_facet_size=max",
        "things?_size=200&_facet=c1&_facet=c2&_facet_size=max",
        "things?_size=200&" + "&".join(f"_facet_date={name}" for name in COLUMNS[:10]) + "&_facet_size=100",
        "things?" + "&".join(f'_facet={{"column":"{name}"}}' for name in COLUMNS[:9]) + "&_facet_size=max",
        "heavy?_facet_size=500",
        "heavy?_facet=id",
    ],
)
def test_a_page_that_would_cost_much_is_refused_before_it_is_made(address, many):
    site = Site(many, "public")
    site.get("/")
    began = time.process_time()
    answer = site.get(f"/many/{address}")
    assert time.process_time() - began < 1
    assert answer.status_code == 400
    assert "times what a page may cost; ask for fewer, or for smaller ones" in answer.text


@pytest.mark.parametrize(
    "address",
    [
        f"things?{FACETS}",
        "things?_size=200&_facet=kind_id&_facet_size=max",
        "things?_facet=c1&_facet_size=max",
        "things?" + "&".join(["_facet=kind_id"] * 10) + "&_facet_size=max",
        "things.json?_size=max&_facet=c1",
        f"things.csv?_size=max&{FACETS}&_facet_size=max",
        f"things.parquet?{FACETS}&_facet_size=max",
        "heavy?c1=x",
        "heavy?_size=20",
        "heavy?_facet_size=10",
    ],
)
def test_a_page_that_costs_little_or_is_declared_is_made(address, many):
    assert ask_at_leisure(many, f"/many/{address}").status_code == 200


@pytest.mark.long
def test_nobody_is_held_back_on_a_machine_of_ones_own(many):
    assert Site(many).get(f"/many/things?{FACETS}&_facet_size=max").status_code == 200


@pytest.mark.long
def test_no_page_leads_to_one_that_costs_too_much(many):
    """A page offers the rest of its facets only where it may show it."""
    offers = {}
    for address in ("things?_facet=c1", f"things?{FACETS}", "heavy"):
        links = Page(ask_at_leisure(many, f"/many/{address}").text).links
        offers[address] = [link for link in links if "_facet_size=max" in link]
    assert ask_at_leisure(many, offers["things?_facet=c1"][0].partition("#")[0]).status_code == 200
    assert offers[f"things?{FACETS}"] == offers["heavy"] == []


def ask_at_leisure(build, address):
    """The answer of the public site on a machine that is as slow as it likes."""
    public = PROFILES["public"]
    limits = {**public.limits, "seconds": 0, "access_log": False}
    site = open_site(read_build(build), replace(public, limits=limits))
    return wait_for(site.client.get(address))
