"""Adding a document: a draft that stands in the tables whole, or not at all, and changes nothing published."""

import codecs
import subprocess
import sys
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from invented.copies import messages
from packpress import CannotRunError
from scripts.curation.addition import decode_document
from tests.conftest import ROOT, PackageCopy
from tests.curation.commands import EXERCISE, add_source, read_data, run_command

TEXT = "Ketamine for pain\n\nIt may relieve pain – in some people’s words. It is given by mouth.\n"


def add(copy, file, source_id="exercise", code=0, **options):
    words = [word for name, value in options.items() for word in (f"--{name.replace('_', '-')}", value)]
    return run_command(add_source, copy, file, source_id, copy.descriptor, *words, code=code)


def save(copy, data, name="text.txt"):
    file = copy.root / name
    file.write_bytes(data)
    return file


def test_a_document_is_added_as_a_draft_that_is_valid(package_copy):
    result = add(package_copy, EXERCISE)
    assert (package_copy.root / "data/sources/exercise.txt").read_bytes() == EXERCISE.read_bytes()
    source = package_copy.rows("sources")[2]
    assert (source["source_id"], source["position"], source["status"]) == ("exercise", "5", "in_progress")
    assert source["title"] == "Ketamine for harpists: an exercise text"
    assert messages(package_copy) == []
    assert result.output.splitlines() == [
        "data/sources/exercise.txt: 478 characters, encoding utf-8",
        "data/passages.csv:53: passages 11: title 1, sentence 6, heading 3, entry line 1",
        'data/sources.csv:4: "Exercise", a draft until it is published',
        "  check source_type, text_extent, language: they are guesses",
        "  enter in rights who owns the text before you publish it",
    ]


def test_adding_it_twice_changes_nothing_and_says_so(package_copy):
    add(package_copy, EXERCISE)
    before = read_data(package_copy)
    result = add(package_copy, EXERCISE)
    assert result.output == "exercise already exists with the same bytes; nothing was changed\n"
    assert read_data(package_copy) == before


@pytest.mark.long
def test_what_is_known_of_it_is_recorded(package_copy):
    known = {
        "short_name": "A clinic",
        "source_type": "clinic_web_page",
        "language": "en-GB",
        "rights": "Ours.",
    }
    result = add(package_copy, EXERCISE, **known)
    row = package_copy.rows("sources")[2]
    assert {name: row[name] for name in known} == known
    assert result.output.splitlines()[3:] == ["  check text_extent: they are guesses"]


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (TEXT.encode(), "utf-8"),
        (codecs.BOM_UTF8 + TEXT.encode(), "utf-8-sig"),
        (TEXT.encode("utf-16"), "utf-16"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "utf-16"),
        (TEXT.encode("utf-32"), "utf-32"),
        (TEXT.encode("cp1252"), "cp1252"),
        (TEXT.replace("\n", "\r\n").encode("mac-roman"), "mac-roman"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_encoding_is_found_and_kept(data, encoding):
    found, text = decode_document(data, "text.txt")
    assert found == encoding
    assert text == data.decode(encoding)
    assert text.split() == TEXT.split()


@pytest.mark.long
@pytest.mark.parametrize("data", [TEXT.encode("cp1252"), codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le")])
def test_a_document_that_is_not_utf_8_is_valid_as_it_is(package_copy, data):
    add(package_copy, save(package_copy, data))
    assert (package_copy.root / "data/sources/exercise.txt").read_bytes() == data
    assert messages(package_copy) == []


@pytest.mark.parametrize(
    ("data", "source_id", "message"),
    [
        (b"", "x", "empty; name a document with text in it"),
        (b" \r\n\x0c", "x", "empty; name a document with text in it"),
        (
            b"%PDF-1.7\n%\xe2\xe3",
            "x",
            "a damaged PDF (PDFSyntaxError); save it again, or save its text in a separate file",
        ),
        (
            b"PK\x03\x04\x14\x00\xff",
            "x",
            "not text but application/zip; save its text in a separate file, in UTF-8",
        ),
        (
            b"{\\rtf1 Hello}",
            "x",
            "contains markup, not plain text; save its text in a separate file, in UTF-8",
        ),
        (
            b"<!DOCTYPE html><p>",
            "x",
            "a page without words; save it again once it is shown in full",
        ),
        (
            b"a\x00b",
            "x",
            "contains U+0000, which does not occur in text; save its text in a separate file, in UTF-8, or name its encoding",
        ),
    ],
)
def test_what_is_no_text_is_refused_in_one_line(package_copy, data, source_id, message):
    before = read_data(package_copy)
    file = save(package_copy, data)
    result = add(package_copy, file, source_id, code=2)
    assert result.output == f"{file}: {message}\n"
    assert read_data(package_copy) == before


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("%!PS-Adobe-3.0\n(Ketamine) show\n", "1: a PostScript file, not its text"),
        (f"{TEXT}<<<<<<< HEAD\nours\n=======\ntheirs\n>>>>>>> b\n", "4: has conflict markers of git"),
        (f"{TEXT}ours\r\n>>>>>>> b\r\n", "5: has conflict markers of git"),
    ],
)
def test_what_is_no_document_is_refused_with_its_line(package_copy, text, message):
    file = save(package_copy, text.encode())
    assert add(package_copy, file, code=2).output.startswith(f"{file}:{message}; ")


def test_a_text_about_these_formats_is_one():
    for text in (
        "A PDF begins with %PDF-1.4.\n",
        "Write to us @ {home}.\n",
        "Results\n=======\n\nTY  - is a tag.\n",
    ):
        assert decode_document(text.encode(), "text.txt") == ("utf-8", text)


@pytest.mark.parametrize("source_id", ["", "A", "a b", "a_b", "a.b", "é", "../x", "a-", "x/y"])
def test_a_bad_id_is_refused_in_one_line(package_copy, source_id):
    result = add(package_copy, EXERCISE, source_id, code=2)
    expected = "not a source id; use lower-case letters, digits and hyphens as in clinic-2024"
    assert result.output == f'"{source_id}": {expected}\n'


def test_a_missing_file_and_a_folder_are_one_line(package_copy):
    missing = package_copy.root / "none.txt"
    assert add(package_copy, missing, code=2).output == f"{missing}: no such file; name a document\n"
    folder = package_copy.root
    assert add(package_copy, folder, code=2).output == f"{folder}: a folder; name a document in it\n"


@pytest.mark.parametrize("encoding", ["utf-9", "ascii", "rot13"])
def test_an_encoding_that_does_not_fit_is_one_line(package_copy, encoding):
    file = save(package_copy, "naïve\n".encode())
    result = add(package_copy, file, code=2, encoding=encoding)
    assert result.output.count("\n") == 1
    assert encoding in result.output


def test_the_same_text_under_another_id_is_recognised(package_copy):
    text = (package_copy.root / "data/sources/clinic-page.txt").read_text(encoding="utf-8")
    for data in (text.encode(), text.replace("\n", "\r\n").encode(), f"\ufeff {text}\n".encode("utf-16")):
        file = save(package_copy, data)
        result = add(package_copy, file, code=2)
        assert result.output == f"{file}: clinic-page has the same text; a document is added once\n"


def test_an_id_that_is_taken_is_refused(package_copy):
    result = add(package_copy, EXERCISE, "clinic-page", code=2)
    assert result.output == (
        "data/sources/clinic-page.txt: another document has this id, and documents are never edited; "
        "choose another\n"
    )


def test_a_document_that_was_lost_or_edited_is_not_called_there(package_copy):
    add(package_copy, EXERCISE)
    package_copy.edit_document("exercise", "may", "might")
    assert add(package_copy, EXERCISE, code=2).output == (
        f"data/sources/exercise.txt: no longer the document that was added; copy {EXERCISE} there, byte for byte\n"
    )


@pytest.mark.long
def test_a_better_copy_takes_the_place_of_a_draft_that_nothing_was_drawn_from(package_copy):
    add(package_copy, EXERCISE, short_name="A name", rights="Ours.")
    text = EXERCISE.read_text(encoding="utf-8").replace(" in some", "\nin some")
    add(package_copy, save(package_copy, text.encode()))
    assert (package_copy.root / "data/sources/exercise.txt").read_text(encoding="utf-8") == text
    row = package_copy.rows("sources")[2]
    assert (row["short_name"], row["rights"], row["position"]) == ("A name", "Ours.", "5")
    assert messages(package_copy) == []
    package_copy.edit("passages", "exercise-p002", reason="Says nothing.")
    result = add(package_copy, EXERCISE, code=2)
    assert result.output.startswith("data/sources/exercise.txt: another document has this id")


@pytest.mark.long
def test_a_value_that_is_not_allowed_adds_nothing(package_copy):
    before = read_data(package_copy)
    result = add(package_copy, EXERCISE, code=1, source_type="clinic_webpage")
    assert result.output.splitlines() == [
        'data/sources.csv:4: source_type="clinic_webpage": not an allowed value; use "clinic_web_page"',
        "1 problem; the document was not added",
    ]
    assert read_data(package_copy) == before


def test_another_package_is_one_line(package_copy):
    file = package_copy.root / "other.json"
    file.write_text('{"resources": []}')
    result = run_command(add_source, package_copy, EXERCISE, "x", file, code=2)
    assert result.output == f"{file}: not a package of curated claims; name the descriptor of one\n"


@pytest.mark.long
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.text(
        st.characters(exclude_categories=["Cc", "Cs"], include_characters="\n\r\f\t.!-1:"),
        min_size=1,
        max_size=300,
    )
)
def test_whatever_text_is_added_the_package_stays_valid(package_copy, text):
    before = read_data(package_copy)
    try:
        decode_document(text.encode(), "text")
    except CannotRunError:
        return
    result = add(package_copy, save(package_copy, text.encode()))
    assert "a draft until it is published" in result.output
    assert messages(package_copy) == []
    for path in read_data(package_copy).keys() - before.keys():
        (package_copy.root / path).unlink()
    for path, data in before.items():
        (package_copy.root / path).write_bytes(data)


@pytest.mark.long
def test_a_killed_command_leaves_the_draft_whole_or_none_of_it(package_copy, tmp_path_factory):
    line = [sys.executable, "-m", "scripts.add_source", str(EXERCISE), "exercise"]
    whole = PackageCopy(tmp_path_factory.mktemp("whole"))
    before = read_data(whole)
    start = time.monotonic()
    subprocess.run([*line, str(whole.descriptor)], cwd=ROOT, check=True, capture_output=True)
    length, after = time.monotonic() - start, read_data(whole)
    assert after != before
    for part in range(6, 13):
        process = subprocess.Popen(
            [*line, str(package_copy.descriptor)],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(length * part / 12)
        process.kill()
        process.wait()
        # Whoever reads the package next finishes what was decided.
        package_copy.read()
        assert read_data(package_copy) in (before, after)
