"""The site on one's own machine takes any SQL, and survives it: bounded time, bounded memory, the next page comes."""

import pytest

from tests.attacks import DATABASE, ask
from tests.site_client import start_server
from tests.test_public_attacks import MOST_MB, get, read_cpu, read_memory
from tests.test_serving_sqlite_limits import BOMBS, SLOW

pytestmark = [pytest.mark.long, pytest.mark.exhaustive]
COUNT = "with recursive c(n) as (select 1 union all select n + 1 from c) select "
LONG = "hex(zeroblob(100000))"
# They read and are read; only together or at length do they do harm.
MORE = {
    "counting for ever": f"{COUNT} count(*) from c",
    "sorting for ever": f"{COUNT} randomblob(100000) as b from c order by b",
    "one text for ever": f"{COUNT} group_concat(n) from c",
    "one list for ever": f"{COUNT} json_group_array(n) from c",
    "long texts for ever": f"{COUNT} {LONG} || '🦊' from c",
    "bytes for ever": f"{COUNT} zeroblob(100000) from c",
    "many long texts at once": f"select {', '.join([LONG] * 150)}",
    "many long texts for ever": f"{COUNT} {', '.join([LONG] * 100)} from c",
    "many searches at once": "select "
    + ", ".join(f"instr({LONG}, hex(zeroblob(50000)) || '{n}')" for n in range(1, 60)),
    "many patterns at once": "select " + ", ".join(f"{LONG} like '{'%0' * 30}{n}'" for n in range(1, 60)),
    "everything by everything": "select count(*) from claims a, claims b, claims c, claims d",
    "everything by everything, in disorder": "select a.*, b.* from claims_flat a, claims_flat b order by random()",
    "windows": "select sum(a.rowid) over (order by a.rowid rows between unbounded preceding and unbounded following) "
    "from passages a, passages b",
    "beginnings": "select highlight(search_index, 3, '<', '>') from search_index where search_index match 'a* OR e*'",
}
# As the profile has it, and the page itself.
MOST_SECONDS = 3 + 2


@pytest.fixture(scope="module")
def server(built):
    with start_server(built) as started:
        yield started


@pytest.mark.parametrize("name", [*BOMBS, *SLOW, *MORE])
@pytest.mark.parametrize("form", ["", ".json"], ids=["page", "json"])
def test_a_bomb_does_not_take_the_site_along(name, form, server):
    before = read_cpu(server)
    status, _, body = get(server, ask(DATABASE + form, f"sql={(BOMBS | SLOW | MORE)[name]}"))
    assert status in (200, 400)
    assert b"Traceback" not in body
    assert read_cpu(server) - before < MOST_SECONDS
    assert read_memory(server) < MOST_MB
    assert get(server, "/-/health")[0] == 200
