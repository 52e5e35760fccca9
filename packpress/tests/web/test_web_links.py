"""Facets over links of any package: link tables made of lists, and those that a package declares."""

import re

import pytest
from tests.web.walk import Site

import packpress
from invented.packages import field, table, write_package


def refer(name, resource):
    return {"fields": name, "reference": {"resource": resource, "fields": name}}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Boats with lists of colours, and sailors by a link table with a number for a key."""
    folder = tmp_path_factory.mktemp("links")
    colours = table(
        "colours",
        "colour_id,name\nr,Red\nb,Blue\n",
        [field("colour_id"), field("name")],
        primaryKey="colour_id",
    )
    sailors = table("sailors", "sailor_id\nann\nbo\n", [field("sailor_id")], primaryKey="sailor_id")
    boats = table(
        "boats",
        "boat_id,paint\nada,r;b\nida,b\nuna,\n",
        [field("boat_id"), field("paint", "list", delimiter=";")],
        primaryKey="boat_id",
        foreignKeys=[{"fields": "paint", "reference": {"resource": "colours", "fields": "colour_id"}}],
        publishing={"linkedFacets": ["colour_id", "sailor_id"]},
    )
    berths = table(
        "berths",
        "nr,boat_id,sailor_id\n1,ada,ann\n2,ada,bo\n3,una,bo\n4,ada,bo\n5,,ann\n",
        [field("nr", "integer"), field("boat_id"), field("sailor_id")],
        primaryKey="nr",
        foreignKeys=[refer("boat_id", "boats"), refer("sailor_id", "sailors")],
        publishing={"links": ["boat_id", "sailor_id"], "hidden": True},
    )
    labelled = colours | {"publishing": {"label": "name"}}
    descriptor = write_package(folder / "p", labelled, sailors, boats, berths, name="fleet")
    return Site(packpress.build(packpress.read_package(descriptor), folder / "build").folder)


def ask(site, address):
    answer = site.get(address)
    assert answer.status_code == 200
    return answer.json()


def test_rows_are_counted_by_the_items_of_their_lists_and_by_declared_links(site):
    found = ask(site, "/fleet/boats.json")["facet_results"]
    counts = {name: {one["value"]: one["count"] for one in facet["results"]} for name, facet in found.items()}
    assert counts == {"colour_id": {"b": 2, "r": 1}, "sailor_id": {"bo": 2, "ann": 1}}
    labels = {one["label"] for one in found["colour_id"]["results"]}
    assert labels == {"Red", "Blue"}


@pytest.mark.parametrize(
    ("query", "boats"),
    [
        ("_colour_id=b", ["ada", "ida"]),
        ("_sailor_id=bo", ["ada", "una"]),
        ("_sailor_id=bo&_colour_id=r", ["ada"]),
        ("_sailor_id=ann&_sailor_id=bo", ["ada"]),
    ],
)
def test_a_facet_chooses_the_linked_rows(site, query, boats):
    assert [row[0] for row in ask(site, f"/fleet/boats.json?{query}")["rows"]] == boats


def test_the_page_of_a_list_shows_the_facets_and_hides_the_link_tables(site):
    text = site.get("/fleet/boats").text
    assert re.search(r"_colour_id=b", text) and re.search(r"_sailor_id=bo", text)
    hidden = {one["name"] for one in ask(site, "/fleet.json")["tables"] if one["hidden"]}
    assert {"boats_paint", "berths"} <= hidden


def test_links_that_are_no_foreign_keys_are_a_problem(tmp_path):
    for links in (["a"], ["a", "b"]):
        item = table("t", "a\nx\n", [field("a")], publishing={"links": links})
        (problem, *_) = packpress.validate(packpress.read_package(write_package(tmp_path, item))).problems
        assert problem.code == "descriptor/structure" and "links of t" in problem.message
