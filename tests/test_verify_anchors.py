"""`scripts.verify_anchors`: whoever holds the documents can verify every row of every edition."""

import shutil

import pytest

from tests.conftest import INVENTED, build_edition, run

pytestmark = pytest.mark.long

SOURCES = INVENTED / "data" / "sources"


@pytest.fixture(scope="module", params=["full", "quotes", "none"])
def edition(request, package, tmp_path_factory):
    return build_edition(package, tmp_path_factory.mktemp(request.param) / "build", request.param)


def test_every_anchor_of_every_edition_holds(edition):
    done = run("verify_anchors", str(SOURCES), "--build", str(edition))
    assert done.returncode == 0, done.stdout
    lines = done.stdout.splitlines()
    assert len(lines) == len([*SOURCES.glob("*.txt")])
    assert all(line.endswith("anchors hold") for line in lines)


def test_a_document_is_known_by_its_words_not_by_its_name(edition, tmp_path):
    for number, file in enumerate(sorted(SOURCES.glob("*.txt"))):
        shutil.copy(file, tmp_path / f"{number}.bin")
    assert run("verify_anchors", str(tmp_path), "--build", str(edition)).returncode == 0


def test_a_changed_document_is_no_document_of_the_build(built, tmp_path):
    for file in SOURCES.glob("*.txt"):
        shutil.copy(file, tmp_path)
    changed = tmp_path / "clinic-page.txt"
    changed.write_bytes(changed.read_bytes() + b" ")
    done = run("verify_anchors", str(tmp_path), "--build", str(built))
    assert done.returncode == 1
    assert f"Hedge Clinic page (clinic-page): no file in {tmp_path} has its SHA-256" in done.stdout


def test_a_quote_that_moved_is_told_with_its_characters(built, tmp_path):
    import sqlite3

    shutil.copytree(built, tmp_path / "build")
    with sqlite3.connect(tmp_path / "build" / "ketamine_pain.db") as db:
        db.execute(
            "update anchors set start_offset = start_offset + 1, end_offset = end_offset + 1 "
            "where table_name = 'claims' and row_id = 'guidance-c001' and field_name = 'quote'"
        )
    done = run("verify_anchors", str(SOURCES), "--build", str(tmp_path / "build"))
    assert done.returncode == 1
    assert "Guild guidance (guidance): " in done.stdout
    assert ", 1 fail" in done.stdout
    assert "  claims guidance-c001: quote: characters " in done.stdout


def test_no_folder_and_no_build_are_said_in_one_line(tmp_path):
    done = run("verify_anchors", str(tmp_path / "nowhere"), "--build", str(tmp_path))
    assert (done.returncode, done.stderr) == (
        2,
        f"{tmp_path / 'ketamine_pain.db'}: no such database; run make build first\n",
    )
