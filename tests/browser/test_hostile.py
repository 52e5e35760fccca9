"""Hostile data in a real browser: nothing of it runs, nothing of it is asked for, nothing of it is blocked."""

import sqlite3
from contextlib import closing
from urllib.parse import quote

import pytest
from datasette.utils import tilde_encode

from tests.browser.addresses import DATABASE
from tests.browser.visits import Visit
from tests.hostile import NAME, write_hostile_build
from tests.site_client import serve_build

pytestmark = pytest.mark.long
# Each with the table of which it shows a row, if any; {} is its hostile key.
PAGES = {
    "home": "/",
    "documents": "/sources",
    "reader": "/sources/{sources}",
    "map": "/map",
    "charts": "/charts",
    "disagreements": "/disagreements",
    "dictionary": "/dictionary",
    "database": DATABASE,
    "claims": f"{DATABASE}/claims_flat?_facet=short_name&_facet_linked=condition_id",
    "claim": f"{DATABASE}/claims/{{claims}}",
    "condition": f"{DATABASE}/conditions/{{conditions}}",
    "reference": f"{DATABASE}/references/{{references}}",
    "passage": f"{DATABASE}/passages/{{passages}}",
    "mapping": f"{DATABASE}/mappings/{{mappings}}",
    "table of a hostile name": f"{DATABASE}/{tilde_encode(NAME)}",
    "search": f"{DATABASE}/search?q={quote(NAME)}",
    "question": f"{DATABASE}/support_for_condition",
    "picture": "/map.svg",
}


@pytest.fixture(scope="module")
def hostile(built, tmp_path_factory):
    return write_hostile_build(built, tmp_path_factory.mktemp("hostile") / "build")


@pytest.fixture(scope="module")
def hostile_address(browser, hostile):
    with serve_build(hostile) as served:
        yield served


@pytest.fixture(scope="module")
def keys(hostile):
    (file,) = hostile.glob("*.db")
    found = {}
    with closing(sqlite3.connect(file)) as db:
        for table in ("sources", "claims", "conditions", "references", "passages", "mappings"):
            (column,) = db.execute(f"select name from pragma_table_info('{table}') where pk").fetchone()
            (key,) = db.execute(f'select "{column}" from "{table}" limit 1').fetchone()
            found[table] = tilde_encode(key)
    return found


@pytest.mark.parametrize("name", PAGES)
def test_nothing_runs_and_nothing_is_blocked(name, browser, hostile_address, keys):
    visit = Visit(browser, hostile_address)
    dialogs = []
    visit.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    answer = visit.open(PAGES[name].format(**keys))
    assert answer.status == 200
    assert visit.failed == []
    assert [url for url in visit.asked if not url.startswith(hostile_address)] == []
    assert dialogs == []
    assert visit.page.title() != "taken"
    if name != "picture":
        assert visit.page.locator("h1").count() == 1
        assert (
            visit.page.locator("[onerror], [onload], iframe, style, base, a[href^=javascript]").count() == 0
        )
    visit.page.close()
