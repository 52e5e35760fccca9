"""Catalogues: what the descriptor says is in them, what it lacks is named, and nothing else is there."""

import hashlib
import json
import zipfile

import pytest
import yaml
from packpress.publish.archive import list_licences
from packpress.publish.catalogues.citation import render_citation

from invented.packages import build, field, table, write_package
from packpress import build as build_package
from packpress import read_package

# An identifier that ORCID gives as an example.
ADA = "https://orcid.org/0000-0002-1825-0097"
PEOPLE = [
    {"givenName": "Ada", "familyName": "Crew", "organization": "Quay", "roles": ["creator"], "path": ADA},
    {"title": "Harbour office", "path": "https://example.org/office", "roles": ["publisher"]},
    {"title": "B. Hand", "roles": ["maintainer"]},
]
RICH = {
    "title": "Boats",
    "description": "Boats of a harbour.",
    "created": "2024-05-06T07:08:09Z",
    "homepage": "https://example.org/boats",
    "languages": ["de", "en"],
    "keywords": ["boats"],
    "contributors": PEOPLE,
    "licenses": [
        {"name": "CC0-1.0", "path": "https://creativecommons.org/publicdomain/zero/1.0/"},
        {"title": "Names are those of their owners", "path": "NAMES.md", "appliesTo": "verbatim"},
    ],
    "sources": [{"title": "The log", "path": "https://example.org/log"}],
    "responsibleAI": {"dataCollection": "By hand.", "dataBiases": ["Small boats were missed."]},
}


def write(folder, **properties):
    boats = table(
        "boats",
        "boat_id,name,kind,rig\n1,Ada,ketch,gaff\n2,,,\n",
        [
            field("boat_id", "integer", description="The number of the boat."),
            field("name", verbatim="quote"),
            field("kind", enum=["ketch", "yawl"], enumDescriptions={"ketch": "Two masts.", "yawl": "Also."}),
            field("rig", enum=["gaff"]),
        ],
        primaryKey="boat_id",
    )
    ports = table(
        "ports",
        "boat_id,port\n1,Wick\n",
        [field("boat_id", "integer"), field("port")],
        foreignKeys=[{"fields": "boat_id", "reference": {"resource": "boats", "fields": "boat_id"}}],
    )
    (folder / "p").mkdir()
    (folder / "p" / "NAMES.md").write_text("Ask the owners.")
    return write_package(folder / "p", boats, ports, **properties)


@pytest.fixture
def rich(tmp_path):
    return build(write(tmp_path, **RICH), tmp_path / "build")


def read(output, name):
    return json.loads((output / name).read_text(encoding="utf-8"))


def test_a_croissant_describes_each_table_and_its_file(rich):
    croissant = read(rich, "croissant.json")
    for file in croissant["distribution"]:
        data = (rich / file["contentUrl"]).read_bytes()
        assert file["sha256"] == hashlib.sha256(data).hexdigest()
        assert file["contentSize"] == f"{len(data)} B"
    boats, kinds, rigs, ports = croissant["recordSet"]
    assert [item["dataType"] for item in boats["field"]] == ["sc:Integer", *["sc:Text"] * 3]
    assert boats["key"] == [{"@id": "boats/boat_id"}]
    assert boats["field"][0]["description"] == "The number of the boat."
    assert kinds["data"] == [
        {"boats/kind/values/value": "ketch", "boats/kind/values/meaning": "Two masts."},
        {"boats/kind/values/value": "yawl", "boats/kind/values/meaning": "Also."},
    ]
    assert rigs["data"] == [{"boats/rig/values/value": "gaff"}]
    # In words: loaders would join the tables.
    assert ports["field"][0]["description"] == "Refers to boat_id of boats."
    assert "references" not in json.dumps(croissant["recordSet"])


def test_a_croissant_says_how_the_data_came_about(rich):
    croissant = read(rich, "croissant.json")
    assert croissant["rai:dataCollection"] == "By hand."
    assert croissant["rai:dataBiases"] == ["Small boats were missed."]
    assert len(croissant["conformsTo"]) == 2
    assert croissant["inLanguage"] == ["de", "en"]
    assert croissant["citeAs"] == "Ada Crew (2024). Boats. Version 1.2.3. https://example.org/boats"


def test_every_form_keeps_tables_and_copied_text_apart(rich):
    croissant, datacite = read(rich, "croissant.json"), read(rich, "datacite.json")
    terms = {"@type": "CreativeWork", "name": "Names are those of their owners", "url": "NAMES.md"}
    assert croissant["license"] == ["https://creativecommons.org/publicdomain/zero/1.0/"]
    assert croissant["usageInfo"] == [terms]
    (boats, *_) = croissant["recordSet"]
    assert [item.get("usageInfo") for item in boats["field"]] == [None, [terms], None, None]
    assert [item["rights"] for item in datacite["rightsList"]] == [
        "CC0-1.0",
        "Names are those of their owners (NAMES.md)",
    ]
    assert datacite["rightsList"][0]["rightsIdentifier"] == "cc0-1.0"
    citation = yaml.safe_load((rich / "CITATION.cff").read_text())
    assert "license" not in citation
    assert "Names are those of their owners (NAMES.md)." in citation["message"]
    assert (rich / "NAMES.md").read_text() == "Ask the owners."


def test_copied_text_is_never_licensed_in_silence(tmp_path):
    licences = [{"name": "CC0-1.0"}]
    output = build(write(tmp_path, **{**RICH, "licenses": licences}), tmp_path / "build")
    (terms,) = read(output, "croissant.json")["usageInfo"]
    assert terms["name"] == "The licences do not cover text copied from sources"
    assert read(output, "datacite.json")["rightsList"][1] == {"rights": terms["name"]}


def test_an_edition_without_copied_text_is_under_its_licence(tmp_path):
    output = build(write(tmp_path, **RICH), tmp_path / "build", edition="none")
    croissant = read(output, "croissant.json")
    assert "usageInfo" not in json.dumps(croissant)
    name = croissant["recordSet"][0]["field"][1]
    assert name["description"] == "Empty: this edition leaves out text copied from sources."
    assert yaml.safe_load((output / "CITATION.cff").read_text())["license"] == "CC0-1.0"


def test_a_deposit_names_people_as_the_descriptor_does(rich):
    datacite = read(rich, "datacite.json")
    assert datacite["creators"] == [
        {
            "name": "Crew, Ada",
            "nameType": "Personal",
            "givenName": "Ada",
            "familyName": "Crew",
            "affiliation": [{"name": "Quay"}],
            "nameIdentifiers": [
                {"nameIdentifier": ADA, "nameIdentifierScheme": "ORCID", "schemeUri": "https://orcid.org"}
            ],
        }
    ]
    assert datacite["publisher"] == {"name": "Harbour office"}
    assert datacite["contributors"] == [{"name": "B. Hand", "contributorType": "DataManager"}]
    assert datacite["publicationYear"] == "2024"
    assert datacite["language"] == "de"
    assert {item["descriptionType"] for item in datacite["descriptions"]} == {"Abstract", "Methods"}
    # Nobody has registered one.
    assert "doi" not in datacite
    citation = yaml.safe_load((rich / "CITATION.cff").read_text())
    name = {"given-names": "Ada", "family-names": "Crew"}
    assert citation["authors"] == [{**name, "affiliation": "Quay", "orcid": ADA}]
    assert read(rich, "croissant.json")["creator"][0]["@id"] == ADA


@pytest.mark.parametrize("written", ["10.5555/boats", "https://doi.org/10.5555/boats", "doi:10.5555/boats"])
def test_an_identifier_that_is_a_doi_is_one_everywhere(tmp_path, written):
    output = build(write(tmp_path, **RICH, id=written), tmp_path / "build")
    assert read(output, "datacite.json")["doi"] == "10.5555/boats"
    assert read(output, "croissant.json")["identifier"] == "https://doi.org/10.5555/boats"
    assert yaml.safe_load((output / "CITATION.cff").read_text())["doi"] == "10.5555/boats"


def test_what_lacks_is_named_and_nothing_is_made_up(tmp_path):
    output = tmp_path / "build"
    path = write(tmp_path)
    path.write_text(json.dumps({"resources": json.loads(path.read_text())["resources"]}))
    made = build_package(read_package(path), output)
    assert made.left_out == (
        "notice: CITATION.cff and datacite.json are left out: the descriptor lacks a creator "
        "(contributors), a publisher (contributors), a date (created); add what it lacks",
    )
    assert not (output / "datacite.json").exists()
    assert read(output, "croissant.json").keys() == {
        *("@context", "@type", "conformsTo", "name", "usageInfo", "dct:rights", "distribution", "recordSet"),
    }


def test_a_croissant_needs_parquet_and_the_zip_has_none(tmp_path):
    path = write(tmp_path, **RICH)
    made = build_package(read_package(path), tmp_path / "build", formats=["csv"])
    assert made.left_out == (
        "notice: croissant.json is left out: it describes Parquet files, and none are built; add the format parquet",
    )
    build(path, tmp_path / "whole")
    with zipfile.ZipFile(next((tmp_path / "whole").glob("*.zip"))) as archive:
        names = set(archive.namelist())
        assert archive.read("datacite.json") == (tmp_path / "whole" / "datacite.json").read_bytes()
    assert {"CITATION.cff", "datacite.json", "NAMES.md"} <= names
    assert "croissant.json" not in names


def test_a_licence_that_covers_the_whole_is_that_of_the_citation(tmp_path):
    package = read_package(write(tmp_path, **{**RICH, "licenses": [{"name": "CC0-1.0"}]}))
    resources = [item.described() for item in package.resources]
    for item in resources[0]["schema"]["fields"]:
        item.pop("verbatim", None)
    whole = package.replaced(resources=resources)
    assert yaml.safe_load(render_citation(whole))["license"] == "CC0-1.0"
    # Names of other lists are none that readers of a citation know.
    assert "license" not in yaml.safe_load(render_citation(whole.replaced(licenses=[{"name": "other-open"}])))
    resources[1]["licenses"] = [{"name": "CC-BY-4.0"}]
    assert "license" not in yaml.safe_load(render_citation(package.replaced(resources=resources)))


def test_misspelt_properties_are_named(tmp_path):
    package = read_package(write(tmp_path, **{**RICH, "responsibleAI": {"dataBiase": "none"}}))
    (key,) = package.list_unknown_keys()
    assert (key.place, key.name, key.meant) == ("responsibleAI of the package", "dataBiase", "dataBiases")
    wrong = read_package(write_package(tmp_path / "q", responsibleAI={"dataBiases": 3}))
    assert [fault.message for fault in wrong.faults] == [
        "dataBiases of responsibleAI of the package is not a text or a list of texts"
    ]
    odd = read_package(write_package(tmp_path / "r", licenses=[{"name": "MIT", "appliesTo": "verbatum"}]))
    assert "verbatum" in odd.faults[0].message


def test_terms_of_copied_text_are_in_the_zip(tmp_path):
    assert list_licences(read_package(write(tmp_path, **RICH))) == ["NAMES.md"]
