"""Addresses that make no sense, builds that somebody tampered with, and packages too large: one clear line or page."""

import json
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import httpx
import pytest
from click.testing import CliRunner
from packpress.cli import main
from packpress.publish.site_file import read_build
from packpress.web.profiles import PROFILES
from packpress.web.routes import OWN_NAMES
from packpress.web.serving.reload import ReloadingApp
from packpress.web.site import open_site
from tests.web.packages import HOSTILE, field, table, write_package, write_wide
from tests.web.walk import Page, Site, wait_for

import packpress
from invented.marks import keep_short
from packpress import CannotRunError

ENDLESS = "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) as c from n"
GIGABYTE = "select hex(zeroblob(500000000)) as x"
WRONG = {
    "/nope": 404,
    "/nope/boats": 404,
    "/fleet/nope": 404,
    "/fleet/boats/nope": 404,
    "/fleet/boat_ports/boat-001": 400,
    "/fleet/boat_ports/boat-001,kiel": 400,
    "/fleet/types/999": 404,
    "/fleet.html": 404,
    "/FLEET.html": 404,
    "/fleet.bib": 404,
    "/fleet.svg?sql=select+1": 404,
    "/fleet/boats.html": 404,
    "/fleet/boats.xml": 404,
    "/fleet/rigs.svg": 404,
    "/fleet/afloat.bib": 404,
    "/fleet/boats/boat-001.html": 404,
    "/fleet/boats/boat-001.svg": 404,
    "/fleet/types/1.tar": 404,
    "/method/nope": 404,
    "/files/../site.json": 404,
    "/files/site.jsonx": 404,
    "/files/fleet.db.bak": 404,
    "/-/permissions": 404,
    "/static/nope.css": 404,
    "/static/%2e%2e/templates/base.html": 404,
    "/fleet/boats?_sort=nope": 400,
    "/fleet/boats?_sort_desc=nope": 400,
    "/fleet/afloat?_sort=nope": 400,
    "/fleet/boats?nope=1": 400,
    "/fleet/boats?_facet=nope": 400,
    "/fleet/boats?_facet_linked=nope": 400,
    "/fleet/boats?_size=x": 400,
    "/fleet/boats?_next=%F0": 200,
    "/fleet/boats?_where=nope": 400,
    "/fleet?sql=drop+table+boats": 400,
    "/fleet?sql=attach+'/etc/passwd'+as+x": 400,
    "/fleet?sql=pragma+database_list": 400,
    "/search?q=%00%ff\"'*": 200,
    "/search?q=" + "x+" * 900: 200,
    "/%00": 404,
    "/%ff%fe": 404,
    "/fleet/" + "x" * 3000: 404,
}


@pytest.fixture
def copied(build, tmp_path):
    """A copy of the build of the fleet, for whoever changes it."""
    shutil.copytree(build("rich"), tmp_path / "copy")
    return tmp_path / "copy"


@pytest.mark.parametrize("address", WRONG)
def test_what_makes_no_sense_is_said_on_a_plain_page_and_nowhere_else(address, build):
    answer = Site(build("rich")).get(address)
    while answer.status_code in (301, 302):
        answer = Site(build("rich")).get(answer.headers["location"])
    assert answer.status_code == WRONG[address]
    if answer.headers["content-type"].startswith("text/html") and not address.startswith("/static/"):
        Page(answer.text)
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    "address", ["no_key?_sort=nope", "one_row?_sort_desc=%22id%22", "empty?_sort=id&_sort=x"]
)
@pytest.mark.parametrize("profile", ["local", "public"])
def test_an_order_by_nothing_is_said_in_one_line(address, profile, build):
    """Case S3, on a build that has nothing but tables."""
    answer = Site(build("bare"), profile).get(f"/bare/{address}")
    assert answer.status_code == 400
    assert (
        len([line for line in answer.text.splitlines() if "this table has no column of that name" in line])
        == 1
    )


@pytest.mark.parametrize(
    "argument", keep_short(["_trace=1", "_trace=0", "%5Ftrace=1", "a=b&_trace=1"], "_trace=1", "%5Ftrace=1")
)
@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/fleet",
        "/fleet/boats",
        "/fleet/boats.csv",
        "/fleet/boats.json",
        "/fleet/boats.parquet",
        "/fleet/rigs.csv",
    ],
)
def test_looking_for_faults_breaks_nothing(address, argument, build):
    """The page, table or file is the one that it is without."""
    kept = "&".join(pair for pair in argument.split("&") if "race" not in pair)
    site = Site(build("rich"))
    traced, plain = (site.get(f"{address}?{query}") for query in (argument, kept))
    assert (traced.status_code, traced.headers["content-type"]) == (
        plain.status_code,
        plain.headers["content-type"],
    )
    if address.endswith(".csv"):
        assert traced.content == plain.content


@pytest.mark.parametrize("ending", ["json", "csv", "parquet"])
def test_errors_of_files_are_no_pages(ending, build):
    answer = Site(build("rich")).get(f"/fleet/boats.{ending}?_sort=nope")
    assert answer.status_code == 400
    assert "<html" not in answer.text and "nope" in answer.text


def tamper(folder, change):
    file = folder / "site.json"
    document = json.loads(file.read_text(encoding="utf-8"))
    change(document)
    file.write_text(json.dumps(document), encoding="utf-8")


def put(*path):
    """A change of the document: the last of the path takes the place that the others lead to."""

    def change(document):
        *way, name, value = path
        for step in way:
            document = document[step]
        document[name] = value

    return change


NOT_SERVED = {
    "no descriptor": put("descriptor", []),
    "no resources": put("descriptor", "resources", {}),
    "resources of numbers": put("descriptor", "resources", [1]),
    "a field without a name": put("descriptor", "resources", 0, "schema", "fields", [{}]),
    "another form": put("form", 99),
    "queries without names": put("queries", [{"sql": "select 1"}]),
    "queries of texts": put("queries", ["select 1"]),
    "a name that leads away": put("descriptor", "name", "../../etc"),
    "a name of a file that is not there": put("descriptor", "name", "other"),
}
SERVED = {
    "an extension that is not installed": put("extension", "nobody-has-this"),
    "an extension of another shape": put("extension", {"a": 1}),
    "texts of another shape": put("texts", ["x"]),
    "texts of another kind": put("texts", {"a.md": ["x"], "b.md": None}),
    "no queries": put("queries", None),
    "queries that are an object": put("queries", {}),
    "a title that is a list": put("descriptor", "title", [HOSTILE]),
    "a title that is an object": put("descriptor", "title", {"a": HOSTILE}),
    "a description that is a list": put("descriptor", "description", [HOSTILE]),
    "licences that are an object": put("descriptor", "licenses", {"name": HOSTILE}),
    "licences of texts": put("descriptor", "licenses", [HOSTILE]),
    "sources of texts": put("descriptor", "sources", [HOSTILE, {"title": [HOSTILE], "path": "javascript:1"}]),
    "sources that are a text": put("descriptor", "sources", HOSTILE),
    "contributors of texts": put("descriptor", "contributors", [HOSTILE, {"roles": 5, "title": [1]}]),
    "a homepage that is a script": put("descriptor", "homepage", "javascript:taken=1"),
    "a homepage that is a list": put("descriptor", "homepage", ["https://example.org"]),
    "a homepage with a trap": put("descriptor", "homepage", 'https://x.example/"><script>taken=1</script>'),
    "a licence that is a script": put("descriptor", "licenses", [{"name": "x", "path": "javascript://x"}]),
    "a version that is a list": put("descriptor", "version", [1]),
    "publishing of another shape": put("descriptor", "resources", 0, "publishing", "facets", {"a": 1}),
    "facets that name nothing": put("descriptor", "resources", 0, "publishing", "facets", ["nope", 5]),
    "a sort that names nothing": put("descriptor", "resources", 0, "publishing", "sort", "nope"),
    "a label that names nothing": put("descriptor", "resources", 0, "publishing", "label", "nope"),
    "a size beyond all": put("descriptor", "resources", 0, "publishing", "size", 10**9),
    "a size below all": put("descriptor", "resources", 0, "publishing", "size", -5),
    "linked facets of nothing": put("descriptor", "resources", 0, "publishing", "linkedFacets", ["nope"]),
    "a title of a table that is a list": put("descriptor", "resources", 0, "title", [HOSTILE]),
    "an unknown longest row": put("longest_row", 10**12),
}


@pytest.mark.parametrize("name", NOT_SERVED)
@pytest.mark.parametrize("verb", ["serve", "static"])
def test_a_build_that_cannot_be_read_is_refused_in_one_line(name, verb, copied, tmp_path):
    tamper(copied, NOT_SERVED[name])
    refuse(verb, copied, tmp_path)


def refuse(verb, folder, tmp_path, words=""):
    more = (
        ["--output", str(tmp_path / "out")] if verb == "static" else ["--host", "198.51.100.1"]
    )  # none of this machine, lest it starts
    done = CliRunner().invoke(main, [verb, str(folder), *more])
    assert done.exit_code == 2, done.output
    (line,) = done.stderr.splitlines()
    assert str(folder) in line and words in line
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "5", "null", "\ufeff{}", "[" * 5000, '{"form": NaN}', "\x00"]
)
def test_a_site_file_that_is_none_is_refused_in_one_line(text, copied, tmp_path):
    (copied / "site.json").write_text(text, encoding="utf-8")
    refuse("serve", copied, tmp_path)


def test_a_missing_database_or_one_that_is_none_is_refused_in_one_line(copied, tmp_path):
    database = copied / "fleet.db"
    database.write_bytes(b"not a database, but long enough to look at" * 100)
    with pytest.raises(CannotRunError, match="fleet.db: cannot be read: file is not a database"):
        Site(copied)
    refuse("static", copied, tmp_path, "file is not a database")
    database.write_bytes(b"")
    refuse("static", copied, tmp_path, "fleet.db")
    database.unlink()
    refuse("serve", copied, tmp_path, "fleet.db")
    database.mkdir()
    refuse("serve", copied, tmp_path, "fleet.db")


ASKED = ("/", "/fleet", "/fleet/boats", "/fleet/boats/boat-001", "/search?q=ida", "/downloads", "/dictionary",
         "/fleet/boats?_sort=name&_facet=rig", "/fleet/boats.json", "/fleet/boats.parquet", "/nope")  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize("profile", ["local", "public"])
def test_a_database_with_a_damaged_page_is_told_in_one_line(profile, copied, capfd):
    """Each page of the file in turn: the site does not start, or answers what can be read, without a traceback."""
    whole = (copied / "fleet.db").read_bytes()
    size = int.from_bytes(whole[16:18])
    statuses: set[int] = set()
    for place in range(size, len(whole), size * 3):
        (copied / "fleet.db").write_bytes(whole[:place] + b"\xaa" * size + whole[place + size :])
        app = ReloadingApp(copied, lambda: open_site(read_build(copied), PROFILES[profile]))
        try:
            statuses |= {*wait_for(ask_all(app))}
        except CannotRunError as error:
            assert "\n" not in str(error) and str(copied) in str(error)
        errors = capfd.readouterr().err.splitlines()
        assert len(errors) <= 1
        assert all(
            line.startswith(f"{copied / 'fleet.db'}: database disk image is malformed") for line in errors
        )
    assert statuses == {200, 404, 500}


async def ask_all(app):
    await app.open()
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        return [(await client.get(address)).status_code for address in ASKED]


# A site that SQLite has no memory left for, once it has started.
STARVING = """
import asyncio, contextlib, pathlib, sqlite3, sys
from packpress.publish.site_file import read_build
from packpress.web.profiles import PROFILES
from packpress.web.site import open_site
site = open_site(read_build(pathlib.Path(sys.argv[1])), PROFILES["local"])
limit = sqlite3.connect(":memory:")
async def ask():
    assert (await site.client.get("/")).status_code == 200
    with contextlib.suppress(MemoryError):
        limit.execute("pragma hard_heap_limit = 1000")
    answer = await site.client.get(sys.argv[2])
    print(answer.status_code, "memory" in answer.text)
asyncio.run(ask())
"""


@pytest.mark.long
@pytest.mark.parametrize(
    "path", ["/fleet/boats", "/fleet/boats/boat-001", "/search?q=ida", "/fleet/ports?_facet=region"]
)
def test_a_page_for_which_there_is_no_memory_is_one_line(path, build):
    line = [sys.executable, "-W", "ignore", "-c", STARVING, str(build("rich")), path]
    done = subprocess.run(line, capture_output=True, text=True, timeout=120, check=True)
    # What only the address asks for is refused to it; the site's own statements are the site's want.
    assert (done.stdout, done.stderr) in (
        ("503 True\n", "out of memory: a page could not be rendered\n"),
        ("400 True\n", ""),
    )


@pytest.mark.long
@pytest.mark.parametrize("name", SERVED)
def test_what_a_stranger_wrote_is_refused_or_harmless(name, copied):
    tamper(copied, SERVED[name])
    try:
        site = Site(copied)
    except CannotRunError as error:
        assert "\n" not in str(error) and "site.json" in str(error)
        return
    pages = ["/", "/fleet", "/fleet/boats", "/fleet/boats/boat-001", "/downloads", "/dictionary", "/method"]
    for address in (*pages, "/search?q=ida", "/fleet/rigs", "/nope"):
        answer = site.get(address)
        assert answer.status_code in (200, 404), address
        for link in Page(answer.text).links:
            assert not link.lower().strip().startswith(("javascript:", "data:", "//")), address


@pytest.mark.parametrize(
    "sql", [ENDLESS, GIGABYTE, "delete from boats", "select load_extension('x')", "nonsense", ""]
)
@pytest.mark.long
@pytest.mark.parametrize("ending", ["", ".json", ".csv", ".parquet"])
def test_a_question_of_a_stranger_ends_soon_and_in_words(sql, ending, copied):
    tamper(copied, put("queries", [{"name": "bad", "sql": f"-- Bad\n{sql}"}]))
    site = Site(copied, "public")
    began = time.monotonic()
    answer = site.get(f"/fleet/bad{ending}")
    assert time.monotonic() - began < 30
    assert answer.status_code in (200, 400, 503)
    assert len(answer.content) < 100_000
    if not ending:
        Page(answer.text)
    assert 200 in (site.get("/fleet/boats/boat-001").status_code for _ in range(9))


@pytest.mark.long
def test_ten_thousand_columns_are_refused_in_one_line(tmp_path):
    descriptor = write_wide(tmp_path / "package", columns=10_000)
    done = CliRunner().invoke(main, ["build", str(descriptor), "--output", str(tmp_path / "out")])
    assert (done.exit_code, (tmp_path / "out").exists()) == (2, False)
    (line,) = done.stderr.splitlines()
    assert line.endswith("wide has more than 2,000 columns, the limit of SQLite; split it")


@pytest.mark.parametrize(
    "name",
    [
        *(pytest.param(name, marks=pytest.mark.exhaustive) for name in sorted(OWN_NAMES - {"", "search"})),
        *("search", "-", "_internal", "__x", "a.b.c", "ü-1", "-x", "con"),
    ],
)
@pytest.mark.long
def test_a_package_may_be_called_as_the_site_calls_something_itself(name, tmp_path):
    boats = table("boats", [field("id"), field("of")], [["ida", ""], ["flora", "ida"]], primaryKey="id",
                  foreignKeys=[{"fields": "of", "reference": {"resource": "", "fields": "id"}}],
                  publishing={"search": ["id"], "label": "id"})  # fmt: skip
    descriptor = write_package(tmp_path / "package", [boats], name=name)
    folder = packpress.build(
        packpress.read_package(descriptor), tmp_path / "build", formats=["sqlite", "zip"]
    ).folder
    answers = Site(folder).walk("/search?q=ida", "/robots.txt")
    assert {answer.status_code for answer in answers.values()} <= {200, 302}
    assert any(address.endswith("/boats/ida") for address in answers)


def test_a_name_that_datasette_cannot_ask_for_is_refused_in_one_line(tmp_path):
    boats = table("boats", [field("id"), field("a]b")], [["1", "2"]], primaryKey="id")
    descriptor = write_package(tmp_path / "package", [boats], name="boats")
    folder = packpress.build(
        packpress.read_package(descriptor), tmp_path / "build", formats=["sqlite"]
    ).folder
    refuse("static", folder, tmp_path, '"a]b"')


def test_a_statement_of_one_s_own_reads_nothing_but_the_data(build):
    site = Site(build("rich"))
    for sql in (
        "select * from sqlite_dbpage",
        "select readfile('/etc/passwd')",
        "vacuum into 'x.db'",
        GIGABYTE,
    ):
        answer = site.get(f"/fleet.json?sql={sql}")
        assert answer.status_code == 400, sql
    with closing(sqlite3.connect(build("rich") / "fleet.db")) as db:
        assert db.execute("pragma integrity_check").fetchone() == ("ok",)
