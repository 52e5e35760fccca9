"""What answers say of themselves: the content policy, and the kinds of files; no page breaks it."""

import pytest

from tests.site_client import Page, Site

POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
ANSWERS = [
    "/",
    "/sources/guidance",
    "/ketamine_pain/claims_flat",
    "/ketamine_pain/claims_flat.json",
    "/ketamine_pain/claims_flat.csv",
    "/ketamine_pain.db",
    "/files/SHA256SUMS",
    "/static/site.css",
    "/-/static/app.css",
    "/-/logout",
    "/-/plugins.json",
    "/nowhere",
    "/nowhere.json",
]
# Scripts that Datasette brings along; our pages work without them.
BUNDLED = ("table.js", "sql-formatter", "codemirror", "cm-resize")


@pytest.fixture(scope="module")
def site(root, package, built) -> Site:
    return Site(root, package, built)


@pytest.mark.parametrize("path", ANSWERS)
def test_every_answer_carries_the_policy_once(path, site):
    headers = site.get(path).headers
    assert headers.get_list("content-security-policy") == [POLICY]
    assert headers.get_list("x-content-type-options") == ["nosniff"]
    assert headers.get_list("referrer-policy") == ["no-referrer"]
    assert headers.get_list("x-frame-options") == ["DENY"]
    assert headers.get_list("cross-origin-opener-policy") == ["same-origin"]
    assert headers.get_list("cross-origin-resource-policy") == ["same-origin"]
    assert "camera=()" in headers["permissions-policy"]


@pytest.mark.parametrize("name", ["plugins", "settings", "metadata"])
def test_a_page_of_datasettes_own_keeps_the_policy(name, site):
    keeps_policy(site.page(f"/-/{name}"))


@pytest.mark.parametrize(
    "name",
    ["allow-debug", "messages", "patterns", "permissions"]
    + ["auth-token", "logout", "actor", "databases", "threads", "versions"],
)
def test_what_would_break_the_policy_or_tells_of_the_machine_is_closed(name, site):
    page = site.page(f"/-/{name}", status=404)
    keeps_policy(page)
    assert "is not available on this site" in "".join(page.texts("p", class_="lede"))
    assert site.get(f"/-/{name}.json").status_code == 404


def test_sql_of_ones_own_keeps_the_policy(site):
    page = site.page("/ketamine_pain?sql=select+1")
    keeps_policy(page)
    keeps_policy(site.page("/ketamine_pain?sql=nonsense", status=400))


def test_a_page_that_is_not_found_prints_no_traceback(site, capsys):
    assert site.get("/nowhere").status_code == 404
    assert capsys.readouterr() == ("", "")


def test_no_page_asks_another_host_for_anything(site):
    for path in ("/", "/ketamine_pain/claims_flat", "/method", "/dictionary", "/downloads"):
        page = site.page(path)
        assert not [address for address in page.attributes("src") if "://" in address]
        links = [attributes for tag, attributes, _ in page.elements if tag == "link"]
        # What these lead to is not part of the page, and no browser asks for it.
        asked = [link["href"] for link in links if link["rel"] not in ("license", "type")]
        assert not [address for address in asked if is_elsewhere(address)]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("ketamine_pain.db", "application/vnd.sqlite3"),
        ("ketamine-pain-{version}.zip", "application/zip"),
        ("csv/claims.csv", "text/csv"),
        ("parquet/claims.parquet", "application/vnd.apache.parquet"),
        ("SHA256SUMS", "text/plain"),
    ],
)
def test_a_file_is_told_to_be_what_it_is(path, kind, site):
    """A browser may not guess any more, and would open a database as a page of letters."""
    path = path.format(version=site.metadata["version"])
    assert site.get(f"/files/{path}").headers["content-type"].partition(";")[0] == kind


def is_elsewhere(address: str) -> bool:
    return "://" in address and not address.startswith("http://localhost/")


def keeps_policy(page: Page) -> None:
    """No script, no style within the page, nothing from elsewhere, and none of the bundled scripts."""
    assert {*page.attributes("type", "script")} <= {"application/ld+json"}
    assert len(page.attributes("type", "script")) == len(page.texts("script"))
    assert page.texts("style") == []
    handlers = [
        name for _, attrs, _ in page.elements for name in attrs if name == "style" or name.startswith("on")
    ]
    assert handlers == []
    assert not [name for name in BUNDLED if name in page.html]
