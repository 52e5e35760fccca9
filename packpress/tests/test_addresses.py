"""An address whose scheme runs code is a problem in data, and becomes no link on any page."""

import json
import re

import pytest
from packpress.package.paths import may_link, runs_code
from packpress.web.about.texts import render_text

import packpress
from invented.findings import list_offers
from tests.web.packages import field, table, write_package

RUNS = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "javascript://example.org/%0aalert(1)",
    "vbscript:msgbox",
    "data:text/html,x",
    "data:image/png;base64,AA==",
]
HARMLESS = [
    "https://example.org/?q=javascript:1",
    "urn:isbn:0451450523",
    "mailto:ida@example.org",
    "javascripts:x",
]
SHAPES = [{}, {"required": True}, {"unique": True}, {"pattern": ".*"}, {"minLength": 1}]


def validate(folder, cells, constraints=None, **properties):
    column = {"name": "web", "type": "string", "format": "uri", "constraints": constraints or {}}
    rows = [[str(number), cell] for number, cell in enumerate(cells)]
    things = table("things", [field("id"), column], rows, primaryKey="id")
    descriptor = write_package(folder, [things], name="things", **properties)
    return packpress.validate(packpress.read_package(descriptor)).problems


@pytest.mark.parametrize("constraints", SHAPES, ids=str)
def test_a_cell_that_runs_code_is_a_problem(constraints, tmp_path):
    problems = validate(tmp_path, [*RUNS, *HARMLESS], constraints)
    assert [(problem.line, problem.value) for problem in problems] == [*enumerate(RUNS, 2)]
    assert {(problem.code, problem.field) for problem in problems} == {("schema/cell", "web")}


@pytest.mark.parametrize("address", [*RUNS, " javascript:x", "java\tscript:x", "\x01javascript:x"])
@pytest.mark.parametrize(
    "put",
    [
        lambda address: {"homepage": address},
        lambda address: {"licenses": [{"name": "x", "path": address}]},
        lambda address: {"sources": [{"title": "x", "path": address}]},
        lambda address: {"contributors": [{"title": "x", "path": address}]},
        lambda address: {"image": address},
        lambda address: {"id": address},
        lambda address: {"repository": address},
        lambda address: {"repository": {"type": "git", "url": address}},
    ],
    ids=["homepage", "licence", "source", "contributor", "image", "id", "repository", "url of repository"],
)
def test_a_descriptor_whose_address_runs_code_has_a_problem(put, address, tmp_path):
    assert len(validate(tmp_path, [], **put(address))) == 1
    assert validate(tmp_path, [], **put("https://example.org/")) == []


@pytest.mark.parametrize("address", [*RUNS, "java\tscript:x"])
@pytest.mark.parametrize("part", ["path", "homepage", "schema", "rdfType"])
def test_a_resource_whose_address_runs_code_has_a_problem(part, address, tmp_path):
    file = {"name": "f", "path": "f.pdf", "homepage": "https://example.org/"}
    rows = {"name": "t", "data": [["n"]], "schema": {"fields": [{"name": "n"}], "homepage": "urn:isbn:1"}}
    if part in file:
        file[part] = address
    elif part == "schema":
        rows["schema"]["homepage"] = address
    else:
        rows["schema"]["fields"][0][part] = address
    (tmp_path / "f.pdf").write_text("x", encoding="utf-8")
    (tmp_path / "datapackage.json").write_text(
        json.dumps({"name": "p", "resources": [file, rows]}), encoding="utf-8"
    )
    (problem,) = packpress.validate(packpress.read_package(tmp_path)).problems
    assert problem.code == "descriptor/structure" and "runs code" in problem.message


@pytest.mark.parametrize(
    ("cell", "offer"),
    [
        *(
            (cell, [])
            for cell in (
                "http://",
                "HTTPS:/x",
                "http:///x",
                "http://:80/",
                "http://ida@/",
                "blob:",
                "urn:",
                "ftp://",
            )
        ),
        ("http://example.org/%zz", ["http://example.org/%25zz"]),
        ("https://example.org/100%", ["https://example.org/100%25"]),
        ("https://example.org/a b%2", ["https://example.org/a%20b%252"]),
        *(
            (cell, None)
            for cell in (
                "https://[::1]/",
                "http://ida:x@example.org",
                "https://example.org?q",
                "tel:1",
                "file:///x",
            )
        ),
    ],
)
def test_an_address_has_all_its_parts(cell, offer, tmp_path):
    problems = validate(tmp_path, [cell])
    assert [list_offers(problem.message) for problem in problems] == ([] if offer is None else [offer])


def test_schemes_are_told_from_what_looks_like_them():
    assert all(map(runs_code, [*RUNS, "\tjavascript:x", "java\nscript:x", " \x00 data:x"]))
    assert not any(map(runs_code, [*HARMLESS, "data/x.csv", "javascript.md", "", ":", "x javascript:y"]))
    assert [may_link(address) for address in HARMLESS] == [True, False, True, False]
    assert not any(map(may_link, RUNS))


@pytest.mark.parametrize(
    ("address", "href"),
    [
        *((address, None) for address in RUNS),
        ("ftp://example.org/x", None),
        ("tel:+491", None),
        ("//evil.example/", None),
        ("ftp://example.org/method.md", None),
        ("https://example.org/", "https://example.org/"),
        ("mailto:ida@example.org", "mailto:ida@example.org"),
        ("method.md#how", "/site/method#how"),
        ("#here", "#here"),
    ],
)
def test_in_a_text_only_the_web_mail_and_our_own_pages_become_links(address, href):
    text = render_text(f"# Title\n\n[words]({address})\n", "/site/", (("method.md", "/method"),))
    links = re.findall(r'href="([^"]*)"', text.body)
    assert links == ([] if href is None else [href])
    assert "words" in text.body
