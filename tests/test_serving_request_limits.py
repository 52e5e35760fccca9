"""The guard: what a request may not be, and that nothing of it passes which an answer must not depend on."""

import json

import pytest
from packpress.package.descriptor import build_package
from packpress.web.profiles import Limits
from packpress.web.serving.request_limits import PIECE, RefusalError, check_request, cut_pieces
from packpress.web.site import split_origin

from packpress import CannotRunError
from tests.site_client import Site, wait_for

OURS = [(b"host", b"localhost:8001")]


@pytest.fixture(scope="module")
def public(root, package, built) -> Site:
    return Site(root, package, built, "public")


@pytest.fixture(scope="module")
def elsewhere(root, package, built) -> Site:
    return Site(root, package, built, "public", origin="https://example.org/pain/")


def scope(method="GET", path=b"/", query=b"", headers=OURS):
    return {"method": method, "path": "/", "raw_path": path, "query_string": query, "headers": headers}


@pytest.mark.parametrize(
    ("status", "request_"),
    [
        (405, scope("POST")),
        (405, scope("DELETE")),
        (405, scope("TRACE")),
        (400, scope(headers=[*OURS, (b"content-length", b"5")])),
        (400, scope(headers=[*OURS, (b"transfer-encoding", b"chunked")])),
        (414, scope(path=b"/" + b"a" * 100)),
        (414, scope(query=b"a" * 100)),
        (400, scope(query=b"a&" * 20)),
        (400, scope(path=b"/\\example.org/")),
        (400, scope(path=b"http://example.org/")),
        (421, scope(headers=[])),
        (421, scope(headers=[(b"host", b"example.org")])),
        (421, scope(headers=[(b"host", b"localhost.example.org")])),
        (421, scope(headers=[(b"host", b'localhost:1"><script>')])),
        (421, scope(headers=[*OURS, *OURS])),
    ],
)
def test_a_request_that_is_none_of_ours_is_refused(status, request_):
    with pytest.raises(RefusalError) as refused:
        check_request(request_, Limits(address_bytes=100, arguments=10))
    assert refused.value.status == status


def test_no_header_passes_that_tells_of_a_visitor_or_forwards_a_name():
    kept = [(b"host", b"localhost:8001"), (b"accept-encoding", b"gzip"), (b"if-none-match", b'"x"')]
    dropped = [
        b"cookie",
        b"authorization",
        b"x-forwarded-host",
        b"forwarded",
        b"user-agent",
        b"x-original-url",
    ]
    checked = check_request(scope(headers=[*kept, *((name, b"x") for name in dropped)]), Limits())
    assert checked["headers"] == kept


@pytest.mark.parametrize(
    "site",
    [
        "example.org",
        "https://",
        "https://a b/",
        "https://x:y@z/",
        "https://a/?b",
        "http://[",
        "https://a/<b>",
    ],
)
def test_what_is_no_address_of_a_site_is_refused(site):
    with pytest.raises(CannotRunError, match="not a web address; write it as"):
        split_origin(site)


@pytest.mark.parametrize("site", ["https://example.org", "http://[::1]:8001/", "https://example.org/a/b-c/"])
def test_what_is_one_is_taken(site):
    assert split_origin(site).geturl() == site


def test_a_site_with_a_name_of_its_own_answers_by_that_alone(elsewhere):
    """Whatever name a request came by, the addresses in its answer begin with the one that was given."""
    for host in ("example.org", "evil.example", "localhost:8001", 'x"><script>'):
        answer = elsewhere.get("/-/datapackage.json", headers={"host": host})
        assert answer.status_code == 200
        paths = [resource["path"] for resource in answer.json()["resources"]]
        assert all(path.startswith("https://example.org/pain/files/csv/") for path in paths)
        page = elsewhere.get("/ketamine_pain/claims_flat", headers={"host": host, "x-forwarded-host": host})
        assert "evil.example" not in page.text + str(page.headers)
        assert "http://" not in str(page.headers)


def test_below_a_path_every_address_of_a_page_begins_with_it(elsewhere):
    page = elsewhere.page("/")
    links = [
        *page.attributes("href", "a"),
        *page.attributes("href", "link"),
        *page.attributes("action", "form"),
    ]
    inside = [link for link in links if not link.startswith(("http", "#"))]
    assert inside
    assert [link for link in inside if not link.startswith("/pain/")] == []
    assert elsewhere.get("/static/site.css").status_code == 200


@pytest.mark.parametrize(("path", "status"), [("/?" + "a=1&" * 50, 400), ("/?" + "a" * 3000, 414)])
def test_a_refusal_is_a_plain_page_in_our_frame(path, status, public):
    page = public.page(path, status=status)
    assert page.texts("h1") == ["This request could not be answered"]
    assert page.attributes("href", "link") == ["/-/static/app.css", "/static/site.css"]
    assert public.get(path).headers["cache-control"] == "no-store"
    assert "default-src 'none'" in public.get(path).headers["content-security-policy"]


def test_a_method_that_changes_something_is_told_which_do_not(public):
    answer = wait_for(public.datasette.client.post("/ketamine_pain/claims"))
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize(
    "path",
    [
        "/ketamine_pain?sql=select+1",
        "/ketamine_pain.json?sql=select+1",
        "/ketamine_pain/claims?_where=1%3D1",
        "/ketamine_pain/claims.csv?_where=1%3D1",
    ],
)
def test_nobody_brings_sql_of_their_own(path, public):
    answer = public.get(path)
    assert answer.status_code == 403
    assert "This site does not accept SQL" in answer.text or "_where= is not allowed" in answer.text


def test_a_page_offers_no_box_for_sql(public):
    for path in ("/ketamine_pain", "/ketamine_pain/claims_flat", "/ketamine_pain/hedged_claims"):
        page = public.page(path)
        assert page.texts("textarea") == []
        assert not [link for link in page.attributes("href", "a") if "sql=" in link]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("&".join(["_facet=stance"] * 11), "at most 10 at once"),
        ("_size=201", "a page has at most 200 rows"),
        ("_size=max", "a page has at most 200 rows"),
        ("_searchmode=raw&_search=a", "does not support raw search syntax"),
        ("_fts_table=passages&_search=a", "does not support raw search syntax"),
        ("_through=[", "write it as JSON with table, column and value"),
        (
            '_through={"table":"claims","column":"x\\"] --","value":"1"}',
            "there is no table claims with a column",
        ),
    ],
)
def test_an_amount_or_a_name_too_many_is_said(arguments, words, public):
    page = public.page(f"/ketamine_pain/claims_flat?{arguments}", status=400)
    assert words in "".join(page.texts("p", class_="lede"))


def test_long_bodies_are_sent_in_pieces_and_arrive_whole():
    for size in (0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 3 * PIECE + 5):
        sent = []

        async def send(message, sent=sent):
            sent.append(message)

        body = bytes(number % 251 for number in range(size))
        wait_for(cut_pieces(send)({"type": "http.response.body", "body": body}))
        assert b"".join(message["body"] for message in sent) == body
        assert max(len(message["body"]) for message in sent) <= PIECE
        assert [message.get("more_body", False) for message in sent] == [True] * (len(sent) - 1) + [False]


def test_chance_is_not_kept_on_a_machine_of_ones_own(root, package, built):
    local = Site(root, package, built)
    asked = [local.get("/ketamine_pain.json?sql=select+random()&_shape=arrayfirst").json() for _ in range(3)]
    assert len({*map(str, asked)}) == 3


def test_what_is_counted_once_is_known(root, package, built):
    local = Site(root, package, built)
    database = "/ketamine_pain/claims_flat?_facet=stance"
    first = local.page(database)
    known = dict(local.datasette.get_database().known)
    assert any("count(*)" in sql for sql, *_ in known)
    assert local.page(database).html == first.html
    assert known.keys() == local.datasette.get_database().known.keys()


def test_health_says_what_is_served_and_is_not_kept(public, package):
    answer = public.get("/-/health")
    assert answer.json() == {"ok": True, "database": "ketamine_pain", "version": package.version}
    assert answer.headers["cache-control"] == "no-store"
    assert "etag" not in answer.headers


def test_the_access_log_tells_nothing_of_a_visitor(public, capsys):
    headers = {"user-agent": "secret-browser", "referer": "https://secret.example/", "cookie": "secret=1"}
    public.get("/ketamine_pain/search?q=secret+illness", headers=headers)
    public.get("/secret@example.org", headers=headers)
    public.get("/secret%20name/", headers=headers)
    text = capsys.readouterr()
    lines = [json.loads(line) for line in text.out.splitlines()]
    assert "secret" not in text.out + text.err
    assert [line["status"] for line in lines] == [200, 404, 302]
    assert [line.get("path") for line in lines] == ["/ketamine_pain/search", None, None]
    assert set(lines[0]) == {"time", "method", "path", "status", "bytes", "ms", "copy"}


@pytest.mark.parametrize(("profile", "most"), [("public", 200), ("local", 2000)])
def test_a_table_that_asks_for_more_rows_than_are_served_shows_what_is(root, package, built, profile, most):
    tables = [
        {**resource, "publishing": {**resource.get("publishing", {}), "size": 100_000}}
        for resource in package.raw["resources"]
    ]
    site = Site(root, build_package(package.path, {**package.raw, "resources": tables}), built, profile)
    assert site.get(f"{site.database}/passages").status_code == 200
    answer = site.get(f"{site.database}/claim_concepts.json").json()
    assert len(answer["rows"]) == min(most, answer["filtered_table_rows_count"])
