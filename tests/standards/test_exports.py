"""Bibliographies, mappings and annotations by the tools that read them: all rows arrive, and mean the same."""

import csv
import json
import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from jsonschema import Draft7Validator
from packpress.extension import find_extension
from packpress.publish.build import build_folder

import packpress
from invented.packages import build
from invented.reading_room import write_reading_room
from tests.conftest import ROOT
from tests.standards.conftest import PROFILES

LOADERS = Path(__file__).parent / "loaders"
OA, AS = "http://www.w3.org/ns/oa#", "http://www.w3.org/ns/activitystreams#"


def build_real(folder: Path) -> tuple[Path, Path]:
    """The real package with the words of its documents, and the folder in which these are."""
    package = packpress.read_package(ROOT)
    report = packpress.validate(package)
    extension = find_extension(package)
    build_folder(package, report.tables, folder / "build", "full", extension, lambda _: None)
    return folder / "build", ROOT


def build_room(folder: Path) -> tuple[Path, Path]:
    """The reading room, in which everything that can go wrong is once."""
    return build(write_reading_room(folder / "room"), folder / "build"), folder / "room"


@pytest.fixture(scope="module", params=[build_real, build_room], ids=["real", "reading room"])
def places(request, tmp_path_factory) -> tuple[Path, Path]:
    """A build with exports, and the folder of the package's documents."""
    return request.param(tmp_path_factory.mktemp("exports"))


def find_published(name: str) -> Path:
    """A file of a standard that is not copied into the project; the test is skipped where it is not."""
    file = PROFILES / name
    if not file.exists():
        pytest.skip(f"no {file}: the schema of github.com/citation-style-language/schema; STANDARDS names it")
    return file


def count_rows(built: Path, table: str) -> int:
    with (built / "csv" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return len(list(csv.DictReader(file)))


def list_bibliographies(built: Path) -> list[Path]:
    found = sorted((built / "bibliography").glob("*.csl.json"))
    assert len(found) == 2
    return found


# ---- bibliographies


def test_works_fit_the_schema_of_csl(places):
    schema = json.loads(find_published("csl-data.json").read_text(encoding="utf-8"))
    for file in list_bibliographies(places[0]):
        faults = Draft7Validator(schema).iter_errors(json.loads(file.read_text(encoding="utf-8")))
        assert [fault.message for fault in faults] == []


def join_name(name: dict[str, str]) -> str:
    return ", ".join(filter(None, (name.get("family") or name.get("literal"), name.get("given"))))


def test_bibtex_ris_and_a_processor_of_citations_read_the_same_works(places, run):
    for file in list_bibliographies(places[0]):
        works = json.loads(file.read_text(encoding="utf-8"))
        assert len(works) == count_rows(places[0], file.name.partition(".")[0])
        stem = str(file).removesuffix(".csl.json")
        found = json.loads(run("python", LOADERS / "read_references.py", stem).stdout)
        assert [len(found[form]) for form in ("bibtex", "ris", "rendered")] == [len(works)] * 3
        for work, entry, record in zip(works, found["bibtex"], found["ris"], strict=True):
            names, title = [join_name(name) for name in work.get("author", ())], work.get("title")
            assert (entry["author"], record.get("authors", [])) == (names, names)
            assert entry.get("title") == record.get("title") == title
            year = (work.get("issued") or {}).get("date-parts", [[None]])[0][0]
            assert year is None or entry["year"] == record["year"] == str(year)
            assert entry.get("doi") == record.get("doi") == work.get("DOI")


def test_a_processor_prints_the_title_and_the_first_author_of_each_work(places, run):
    for file in list_bibliographies(places[0]):
        works = json.loads(file.read_text(encoding="utf-8"))
        stem = str(file).removesuffix(".csl.json")
        printed = json.loads(run("python", LOADERS / "read_references.py", stem).stdout)["rendered"]
        for work, text in zip(works, printed, strict=True):
            assert work.get("title", "") in text
            for name in work.get("author", ())[:1]:
                assert (name.get("family") or name["literal"]) in text


# ---- mappings


def test_both_readers_of_sssom_read_as_many_rows_as_there_are(places, run):
    """Each can drop every row and still be content."""
    (file,) = places[0].glob("*.sssom.tsv")
    run("sssom", "validate", file)
    found = json.loads(run("python", LOADERS / "read_mappings.py", file).stdout)
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    rows = list(csv.DictReader(lines, delimiter="\t"))
    assert len(rows) == count_rows(places[0], file.name.partition(".")[0])
    triples = sorted([row["subject_id"], row["predicate_id"], row["object_id"]] for row in rows)
    assert sorted(found["sssom"]) == triples
    assert sorted(found["rights"]) == sorted(row["rights"] for row in rows)
    assert len(found["sssom_pydantic"]) == len(rows)


def test_the_lines_of_the_guide_read_the_mappings(places, run):
    text = (ROOT / "docs" / "using-the-data.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"^```sssom\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    if places[1] == ROOT:
        run("python", "-c", code.replace('"mappings.sssom.tsv"', repr(str(places[0] / "mappings.sssom.tsv"))))


# ---- annotations


@pytest.fixture(scope="module")
def annotated(places, run) -> tuple[Path, Path, dict]:
    """The file of annotations, the folder of the documents, and what PyLD makes of the file."""
    (file,) = places[0].glob("*.jsonld")
    copies = [copy for copy in [PROFILES / "anno.jsonld"] if copy.exists()]
    found = run("python", LOADERS / "expand_annotations.py", file, *copies).stdout
    return file, places[1], json.loads(found)


def test_every_term_of_the_annotations_is_known(annotated):
    assert annotated[2]["dropped"] == []
    for kinds in find_values(annotated[2]["expanded"], "@type"):
        for kind in [kinds] if isinstance(kinds, str) else kinds:
            assert kind.startswith(("http://www.w3.org/", "http://purl.org/dc/", "http://xmlns.com/foaf/"))


def find_values(value, name):
    """The values of a property, wherever it stands in a document."""
    if isinstance(value, dict):
        yield from ([value[name]] if name in value else [])
        value = list(value.values())
    for item in value if isinstance(value, list) else []:
        yield from find_values(item, name)


def test_every_selector_leads_to_its_words(annotated):
    file, folder, found = annotated
    (collection,) = found["expanded"]
    (page,) = collection[f"{AS}first"]
    (items,) = page[f"{AS}items"]
    assert len(items["@list"]) == count_rows(file.parent, file.stem)
    texts = {}
    for item in items["@list"]:
        (target,) = item[f"{OA}hasTarget"]
        (source,) = target[f"{OA}hasSource"]
        path = unquote(source["@id"].split("/", 3)[3])
        text = texts.setdefault(path, (folder / path).read_bytes().decode("utf-8"))
        position, quote = target[f"{OA}hasSelector"]
        prefix, exact, suffix = (read_text(quote, name) for name in ("prefix", "exact", "suffix"))
        start, end = (int(read_text(position, name)) for name in ("start", "end"))
        assert text[start:end] == exact
        first = text.find(prefix + exact + suffix)
        assert first + len(prefix) == start
        assert text.find(prefix + exact + suffix, first + 1) < 0


def read_text(selector, name):
    """The value of a property of a selector, or the empty string."""
    return next((value["@value"] for value in selector.get(f"{OA}{name}", ())), "")
