"""Exports that tables declare: bibliographies, mappings and annotations, built by the command on invented packages."""

import csv
import hashlib
import io
import json
import re
import zipfile
from pathlib import Path

import pytest

from invented.commands import invoke
from invented.packages import field, table, write_package
from invented.reading_room import ANNOTATIONS, BIBLIOGRAPHY, MANUAL, MAPPINGS, write_reading_room

ROOT = Path(__file__).parents[1]
CORRECTIONS = BIBLIOGRAPHY["corrections"]
EXPORTS = {
    "bibliography/works.corrected.bib",
    "bibliography/works.corrected.csl.json",
    "bibliography/works.corrected.ris",
    "bibliography/works.printed.bib",
    "bibliography/works.printed.csl.json",
    "bibliography/works.printed.ris",
    "codes.sssom.tsv",
    "spots.jsonld",
}


def build(folder: Path, edition: str = "full", **changes) -> Path:
    descriptor = write_reading_room(folder / "room", **changes)
    output = folder / f"build-{edition}"
    done = invoke("build", descriptor, "--output", output, "--source-text", edition)
    assert done.returncode == 0, done.stderr
    return output


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    return build(tmp_path_factory.mktemp("room"))


def read(built: Path, name: str) -> str:
    return (built / name).read_bytes().decode("utf-8")


def list_files(built: Path) -> set[str]:
    return {path.relative_to(built).as_posix() for path in built.rglob("*") if path.is_file()}


def test_each_export_is_in_the_checksums_and_in_the_zip(built):
    assert list_files(built) >= EXPORTS
    sums = dict(reversed(line.split("  ", 1)) for line in read(built, "SHA256SUMS").splitlines())
    with zipfile.ZipFile(built / "reading-room-1.2.3.zip") as archive:
        for name in EXPORTS:
            data = (built / name).read_bytes()
            assert archive.read(name) == data
            assert sums[name] == hashlib.sha256(data).hexdigest()


def test_exports_are_the_same_bytes_each_time(built, tmp_path):
    again = build(tmp_path)
    assert all((again / name).read_bytes() == (built / name).read_bytes() for name in EXPORTS)


def test_a_package_that_declares_none_has_none(tmp_path):
    descriptor = write_package(
        tmp_path / "p", table("boats", "boat_id\nada\n", [field("boat_id")], primaryKey="boat_id")
    )
    done = invoke("build", descriptor, "--output", tmp_path / "out")
    assert done.returncode == 0
    assert not [name for name in list_files(tmp_path / "out") if name.endswith((".bib", ".tsv", ".jsonld"))]
    assert "bibliography" not in done.stdout + done.stderr


# ---- bibliographies


def test_works_are_items_of_csl_as_they_are_printed(built):
    first, second, third, fourth = json.loads(read(built, "bibliography/works.printed.csl.json"))
    assert first == {
        "id": "w1",
        "type": "article-journal",
        "author": [
            {"family": "Nuñez Ångström", "given": "Zoë"},
            {"family": "O'Neill and Sons", "given": "B."},
            {"family": "van der Rope", "given": "C"},
            {"literal": "Society for Knots, Bends and Hitches"},
        ],
        "title": "Knots & bends: 50 % of {all} _ties_ ~ #1",
        "issued": {"date-parts": [[1998]]},
        "container-title": "Größe & Güte",
        "volume": "12",
        "page": "358-73",
        "DOI": "10.1000/a(b)<c>;d",
    }
    assert second["author"] == [{"family": "Ashley"}]
    assert "issued" not in second
    assert (third["type"], third["issued"]) == ("webpage", {"date-parts": [[2001, 3]]})
    assert fourth["issued"] == {"literal": "20001"}


def test_corrections_apply_to_works_and_to_the_authors_at_their_positions(built):
    printed, corrected = (
        {item["id"]: item for item in json.loads(read(built, f"bibliography/works.{form}.csl.json"))}
        for form in ("printed", "corrected")
    )
    assert corrected["w1"]["author"][0] == {"family": "Núñez Ångström", "given": "Zoë"}
    assert corrected["w1"]["author"][1:] == printed["w1"]["author"][1:]
    assert corrected["w2"]["issued"] == {"date-parts": [[1944]]}
    assert corrected["w3"] == printed["w3"]
    changed = {"issued": {"date-parts": [[2000]]}, "container-title": "Ropes & Lines"}
    assert corrected["w4"] == printed["w4"] | changed


def test_bibtex_escapes_what_tex_would_read_otherwise(built):
    text = read(built, "bibliography/works.printed.bib")
    assert r"title = {{Knots \& bends: 50 \% of \{all\} \_ties\_ " in text
    assert r"journal = {Größe \& Güte}," in text
    assert "pages = {358--73}," in text
    assert "doi = {10.1000/a(b)<c>;d}," in text
    assert (
        "author = {Nuñez Ångström, Zoë and {O'Neill and Sons}, B. and van der Rope, C"
        " and {Society for Knots, Bends and Hitches}}," in text
    )
    assert "author = {{Ashley}}," in text
    assert [line[-8:] for line in text.splitlines() if "PMC" in line] == ["{PMC77},", "{PMC78},"]
    assert "year = {20001}," in text
    assert text.startswith("% Licence: CC0-1.0 (https://")


def test_ris_has_a_tag_on_each_line(built):
    records = read(built, "bibliography/works.printed.ris").split("ER  - \r\n")
    assert records.pop() == ""
    assert records[0].split("\r\n") == [
        "TY  - JOUR",
        "ID  - w1",
        "AU  - Nuñez Ångström, Zoë",
        "AU  - O'Neill and Sons, B.",
        "AU  - van der Rope, C",
        "AU  - Society for Knots, Bends and Hitches",
        "TI  - Knots & bends: 50 % of {all} _ties_ ~ #1",
        "T2  - Größe & Güte",
        "PY  - 1998",
        "VL  - 12",
        "SP  - 358",
        "EP  - 73",
        "DO  - 10.1000/a(b)<c>;d",
        "",
    ]
    assert len(records) == 4


def test_a_bibliography_without_corrections_and_authors_is_one_file_of_each_format(tmp_path):
    plain = {"fields": {"title": "name"}}
    built = build(tmp_path, hints={"works": {"bibliography": plain}})
    names = {"bibliography/works.csl.json", "bibliography/works.bib", "bibliography/works.ris"}
    assert {name for name in list_files(built) if name.startswith("bibliography/")} == names
    assert json.loads(read(built, "bibliography/works.csl.json"))[1] == {
        "id": "w2",
        "type": "document",
        "title": "The bowline",
    }


# ---- mappings


def read_mappings(built: Path) -> tuple[list[str], list[dict[str, str]]]:
    lines = read(built, "codes.sssom.tsv").split("\n")
    heading = [line for line in lines if line.startswith("#")]
    rows = "\n".join(lines[len(heading) :])
    return heading, list(csv.DictReader(io.StringIO(rows), delimiter="\t"))


def test_mappings_have_codes_for_rows_and_the_address_of_every_prefix(built):
    heading, rows = read_mappings(built)
    assert rows[0] == {
        "record_id": "reading-room.codes:c1",
        "subject_id": "reading-room.knots:bowline",
        "subject_label": "Bowline",
        "predicate_id": "skos:exactMatch",
        "object_id": "ABOK:1010",
        "object_label": 'The "king" of knots',
        "mapping_justification": "semapv:ManualMappingCuration",
        "rights": "a\ttab",
    }
    # A reader of SSSOM drops rows with addresses in place of codes.
    assert rows[2]["object_id"] == "ABOK:10#11"
    assert [row["subject_id"] for row in rows[1:]] == [
        "reading-room.knots:clove+hitch",
        "reading-room.knots:running-bowline",
    ]
    assert '#  ABOK: "https://example.org/abok/"' in heading
    assert '#  reading-room.knots: "arcp://name,reading-room/reading_room/knots/"' in heading
    assert '#license: "https://creativecommons.org/publicdomain/zero/1.0/"' in heading
    assert '#  - "The harbour"' in heading


def test_the_identifier_of_mappings_is_the_hash_of_their_rows(built, tmp_path):
    def find_identifier(folder: Path) -> str:
        return next(line for line in read_mappings(folder)[0] if line.startswith("#mapping_set_id"))

    assert find_identifier(built).startswith('#mapping_set_id: "ni:///sha-256;')
    assert find_identifier(build(tmp_path, title="Another title")) == find_identifier(built)


def test_rows_of_a_package_with_a_home_page_have_the_addresses_of_its_site(tmp_path):
    built = build(tmp_path, homepage="https://example.org/room/")
    heading, _ = read_mappings(built)
    assert '#  reading-room.knots: "https://example.org/room/reading_room/knots/"' in heading
    (first, *_) = json.loads(read(built, "spots.jsonld"))["first"]["items"]
    assert first["body"]["source"] == "https://example.org/room/reading_room/knots/bowline"


def test_a_table_with_a_licence_that_has_no_address_does_not_take_that_of_the_package(tmp_path):
    descriptor = write_reading_room(tmp_path / "room")
    raw = json.loads(descriptor.read_text(encoding="utf-8"))
    (codes,) = (item for item in raw["resources"] if item["name"] == "codes")
    codes["licenses"] = [{"path": "TERMS.md", "title": "Each row has terms of its own"}]
    (tmp_path / "room" / "TERMS.md").write_text("Terms.\n", encoding="utf-8")
    descriptor.write_text(json.dumps(raw), encoding="utf-8")
    assert invoke("build", descriptor, "--output", tmp_path / "out").returncode == 0
    heading, _ = read_mappings(tmp_path / "out")
    assert '#license: "https://w3id.org/sssom/license/unspecified"' in heading
    assert any("Each row has terms of its own" in line for line in heading)


def test_a_code_whose_prefix_has_no_address_is_one_line(tmp_path):
    descriptor = write_reading_room(tmp_path / "room", prefixes={})
    done = invoke("build", descriptor, "--output", tmp_path / "out")
    assert (done.returncode, done.stderr) == (
        2,
        'codes.csv: code="ABOK:1010": no address is declared for ABOK;'
        " declare its prefix in datapackage.json under prefixes\n",
    )
    assert not (tmp_path / "out").exists()


def test_an_address_below_no_prefix_is_one_line(tmp_path):
    descriptor = write_reading_room(tmp_path / "room")
    codes = tmp_path / "room" / "codes.csv"
    codes.write_text(codes.read_text(encoding="utf-8").replace("/abok/10#11", "/10"), encoding="utf-8")
    done = invoke("build", descriptor, "--output", tmp_path / "out")
    assert (done.returncode, done.stderr) == (
        2,
        'codes.csv: code="https://example.org/10": has no declared prefix;'
        " declare its prefix in datapackage.json under prefixes\n",
    )


# ---- annotations


def read_annotations(built: Path) -> list[dict]:
    collection = json.loads(read(built, "spots.jsonld"))
    assert collection["total"] == len(collection["first"]["items"]) == 3
    return collection["first"]["items"]


def list_selectors(built: Path) -> list[list[dict]]:
    return [item["target"]["selector"] for item in read_annotations(built)]


def test_an_annotation_leads_from_words_of_a_document_to_a_row(built):
    item = read_annotations(built)[0]
    assert item == {
        "id": "spots.jsonld#knots,bowline,label",
        "type": "Annotation",
        "motivation": "linking",
        "body": {
            "type": "SpecificResource",
            "source": "reading_room/knots/bowline",
            "selector": {"type": "FragmentSelector", "value": "label"},
        },
        "target": {
            "type": "SpecificResource",
            "source": "texts/a%20manual.txt",
            "selector": [
                {"type": "TextPositionSelector", "start": 13, "end": 20},
                {
                    "type": "TextQuoteSelector",
                    "prefix": "Of knots\nThe ",
                    "exact": "bowline",
                    "suffix": " holds. A bowline is a loop; “a ",
                },
            ],
        },
    }
    collection = json.loads(read(built, "spots.jsonld"))
    assert collection["dcterms:source"] == [
        {
            "id": "texts/a%20manual.txt",
            "type": "Text",
            "format": "text/plain",
            "language": "en",
            "dcterms:rights": "The harbour owns it.",
        }
    ]


def test_a_quote_with_its_context_occurs_once(built):
    for _, quote in list_selectors(built):
        words = quote.get("prefix", "") + quote["exact"] + quote.get("suffix", "")
        assert MANUAL.count(words) == 1


def test_more_context_is_quoted_where_less_is_not_unique(tmp_path):
    descriptor = write_reading_room(tmp_path / "room")
    text = "the sea is high. " * 9 + "the sea is low."
    (tmp_path / "room" / "texts" / "a manual.txt").write_text(text, encoding="utf-8")
    assert invoke("build", descriptor, "--output", tmp_path / "out").returncode == 0
    (_, first), (_, second), _ = list_selectors(tmp_path / "out")
    for quote in (first, second):
        assert text.count(quote["prefix"] + quote["exact"] + quote["suffix"]) == 1


def test_an_edition_quotes_what_it_publishes(tmp_path):
    for edition, parts in (("quotes", {"type", "exact"}), ("none", None)):
        built = build(tmp_path, edition)
        for position, *quotes in list_selectors(built)[:2]:
            assert position["type"] == "TextPositionSelector"
            assert [set(quote) for quote in quotes] == ([parts] if parts else [])


def test_characters_that_a_document_does_not_have_are_one_line(tmp_path):
    descriptor = write_reading_room(tmp_path / "room")
    (tmp_path / "room" / "texts" / "a manual.txt").write_text("Of knots", encoding="utf-8")
    done = invoke("build", descriptor, "--output", tmp_path / "out")
    assert (done.returncode, done.stderr) == (
        2,
        'spots.csv: to="20": characters 13 to 20 are not in texts/a manual.txt, which has 8;'
        " correct the row or restore the document\n",
    )


def test_a_document_that_is_not_there_is_one_line(tmp_path):
    descriptor = write_reading_room(tmp_path / "room")
    (tmp_path / "room" / "texts" / "a manual.txt").unlink()
    done = invoke("build", descriptor, "--output", tmp_path / "out")
    said = "texts/a manual.txt: cannot be read: No such file or directory; restore it\n"
    assert (done.returncode, done.stderr) == (2, said)


# ---- declarations

# What is wrong, as the one line about it names it, by table and its hints.
WRONG = [
    ("autors", "works", {"bibliography": {"fields": {"title": "name"}, "autors": {}}}),
    ("titel", "works", {"bibliography": {"fields": {"titel": "name"}}}),
    ("nmae", "works", {"bibliography": {"fields": {"title": "nmae"}}}),
    (
        "artcle",
        "works",
        {"bibliography": BIBLIOGRAPHY | {"type": {"field": "kind", "values": {"paper": "artcle"}}}},
    ),
    ("family", "works", {"bibliography": BIBLIOGRAPHY | {"authors": {"resource": "writers"}}}),
    (
        "writer",
        "works",
        {"bibliography": BIBLIOGRAPHY | {"authors": {"resource": "writer", "family": "surname"}}},
    ),
    (
        "foreign key",
        "works",
        {"bibliography": BIBLIOGRAPHY | {"authors": {"resource": "knots", "literal": "label"}}},
    ),
    (
        "correctd",
        "works",
        {"bibliography": BIBLIOGRAPHY | {"corrections": CORRECTIONS | {"corrected": "correctd"}}},
    ),
    ("foreign key", "codes", {"mappings": MAPPINGS | {"subject": {"row": "code_id"}}}),
    ("subject", "codes", {"mappings": {"fields": MAPPINGS["fields"]}}),
    (
        "mapping_justification",
        "codes",
        {"mappings": MAPPINGS | {"fields": {"predicate_id": "how", "object_id": "code"}}},
    ),
    ("called", "codes", {"mappings": MAPPINGS | {"fields": MAPPINGS["fields"] | {"object_id": "called"}}}),
    ("column", "spots", {"annotations": ANNOTATIONS | {"start": "column"}}),
    ("fiel", "spots", {"annotations": ANNOTATIONS | {"target": {"row": "text_id", "path": "fiel"}}}),
    ("foreign key", "spots", {"annotations": ANNOTATIONS | {"target": {"row": "row", "path": "file"}}}),
]


@pytest.mark.parametrize(("named", "name", "hints"), WRONG)
def test_a_wrong_declaration_is_one_line(tmp_path, named, name, hints):
    descriptor = write_reading_room(tmp_path / "room", hints={name: hints})
    done = invoke("build", descriptor, "--output", tmp_path / "out")
    line, count = done.stderr.strip().splitlines()
    assert (done.returncode, count) == (1, "1 problem in 1 file")
    assert line.startswith("datapackage.json: ")
    assert named in line


@pytest.mark.parametrize("name", ["works", "codes", "spots"])
def test_the_documented_declarations_are_those_of_the_reading_room(name):
    page = (ROOT / "docs" / "publishing.md").read_text(encoding="utf-8")
    text = page.partition("## Bibliographies, mappings")[2].partition("\n## ")[0]
    blocks = [
        json.loads(block) for block in re.findall(r"^```json\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    ]
    ours = {
        "works": {"bibliography": BIBLIOGRAPHY},
        "codes": {"mappings": MAPPINGS},
        "spots": {"annotations": ANNOTATIONS},
    }
    assert ours[name] in blocks


def test_a_value_without_a_type_is_one_line(tmp_path):
    descriptor = write_reading_room(tmp_path / "room")
    raw = json.loads(descriptor.read_text(encoding="utf-8"))
    raw["resources"][0]["schema"]["fields"][1]["constraints"] = {"enum": ["paper", "book", "notice", "map"]}
    descriptor.write_text(json.dumps(raw), encoding="utf-8")
    done = invoke("validate", descriptor)
    assert done.returncode == 1
    assert 'has no type for "map"; add it to values' in done.stdout + done.stderr
