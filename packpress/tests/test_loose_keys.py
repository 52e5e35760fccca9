"""Loose foreign keys: weak ones, those into other packages, and those of the items of lists."""

import hashlib
import json
import re
import sqlite3
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import packpress
from invented.commands import invoke
from invented.findings import locate_all
from invented.packages import field, table, write_package
from packpress import read_package
from tests.conftest import ROOT
from tests.walkthrough import follow

PAGE = ROOT / "docs" / "foreign-keys.md"
SHIPS = "id,name\nada,Ada\nida,Ida\n"


def refer(fields, resource, to, weak=False, **reference):
    key = {"fields": fields, "reference": {"resource": resource, "fields": to, **reference}}
    return key | ({"weak": True} if weak else {})


def trips(text, *keys, kind="string", **properties):
    fields = [field("trip"), field("ship", kind, **properties)]
    return table("trips", text, fields, primaryKey="trip", foreignKeys=list(keys))


def ships(text=SHIPS):
    return table("ships", text, [field("id"), field("name")], primaryKey="id")


def found(descriptor, **options):
    return locate_all(packpress.validate(read_package(descriptor, **options)), with_notices=True)


# ---- weak keys


def test_a_weak_key_within_the_package_only_notes(tmp_path):
    descriptor = write_package(
        tmp_path, ships(), trips("trip,ship\na,adda\nb,ida\nc,\n", refer("ship", "ships", "id", True))
    )
    assert found(descriptor) == ['notice: trips.csv:2: ship="adda": keys/weak, offers "ada"']
    built = packpress.build(read_package(descriptor), tmp_path / "out", formats=["sqlite"])
    (sql,) = (
        sqlite3.connect(built.folder / "sm_all.db")
        .execute("select sql from sqlite_schema where name = 'trips'")
        .fetchone()
    )
    assert "foreign key" not in sql


def test_a_weak_key_to_a_table_that_is_not_shipped_is_one_notice_and_builds(tmp_path):
    descriptor = write_package(tmp_path, trips("trip,ship\na,x\nb,y\n", refer("ship", "ships", "id", True)))
    assert found(descriptor) == ["notice: datapackage.json: keys/unchecked"]
    assert packpress.build(read_package(descriptor), tmp_path / "out").report.is_valid


def test_the_same_key_that_is_not_weak_is_a_problem_that_offers_it(tmp_path):
    descriptor = write_package(tmp_path, trips("trip,ship\na,x\n", refer("ship", "fleet", "id")))
    (problem,) = packpress.validate(read_package(descriptor)).problems
    assert "declare the key weak" in problem.message


def test_a_weak_key_of_several_fields(tmp_path):
    berths = table(
        "berths", "port,nr\nwick,1\n", [field("port"), field("nr", "integer")], primaryKey=["port", "nr"]
    )
    key = refer(["port", "nr"], "berths", ["port", "nr"], True)
    stays = table(
        "stays",
        "port,nr\nwick,01\nwick,2\nwick,\n",
        [field("port"), field("nr", "integer")],
        foreignKeys=[key],
    )
    assert found(write_package(tmp_path, berths, stays)) == ['notice: stays.csv:3: nr="2": keys/weak']


# ---- other packages


def write_shelf(folder, text=SHIPS, kind="string", name="ships.zip"):
    """A zip of another package, and its hash."""
    folder.mkdir(parents=True, exist_ok=True)
    path = write_package(
        folder / "other",
        table("ships", text, [field("id", kind), field("name")], primaryKey="id"),
        name="other",
    )
    with zipfile.ZipFile(folder / name, "w") as archive:
        for file in (path, path.with_name("ships.csv")):
            archive.write(file, file.name)
    for file in path.parent.iterdir():
        file.unlink()
    return "sha256:" + hashlib.sha256((folder / name).read_bytes()).hexdigest()


ADDRESS = "https://example.org/fleet-1.0.zip"


def outward(digest, place=ADDRESS, to="id", resource="ships"):
    return refer("ship", resource, to, package=place, **({"hash": digest} if digest else {}))


def test_a_package_without_its_hash_is_not_looked_for(tmp_path):
    write_shelf(tmp_path / "shelf")
    descriptor = write_package(tmp_path / "p", trips("trip,ship\na,adda\n", outward("")))
    for folders in ([], [tmp_path / "shelf"]):
        assert found(descriptor, packages=folders) == ["notice: datapackage.json: keys/unchecked"]
    assert found(descriptor, require_packages=True) == ["datapackage.json: keys/unchecked"]


def test_a_package_is_found_by_its_hash_whatever_its_name(tmp_path):
    digest = write_shelf(tmp_path / "shelf", name="anything.zip")
    write_shelf(tmp_path / "shelf", "id,name\nadda,Ada\n", name="aa-other.zip")
    descriptor = write_package(tmp_path / "p", trips("trip,ship\na,adda\nb,ida\n", outward(digest)))
    expected = ['trips.csv:2: ship="adda": keys/foreign, offers "ada"']
    assert found(descriptor, packages=[tmp_path / "nowhere", tmp_path / "shelf"]) == expected
    assert found(descriptor, packages=[tmp_path]) == ["notice: datapackage.json: keys/unchecked"]
    assert found(descriptor, require_packages=True) == ["datapackage.json: keys/unchecked"]


def test_a_package_below_the_descriptor_needs_no_folder(tmp_path):
    digest = write_shelf(tmp_path / "p" / "vendor")
    descriptor = write_package(
        tmp_path / "p", trips("trip,ship\na,adda\n", outward(digest, "vendor/ships.zip"))
    )
    assert found(descriptor) == ['trips.csv:2: ship="adda": keys/foreign, offers "ada"']
    with (tmp_path / "p" / "vendor" / "ships.zip").open("ab") as file:
        file.write(b"x")
    assert found(descriptor) == ["datapackage.json: keys/package"]


def test_nothing_outside_of_the_folder_is_read_by_a_path(tmp_path):
    digest = write_shelf(tmp_path / "shelf")
    descriptor = write_package(
        tmp_path / "p", trips("trip,ship\na,adda\n", outward(digest, "../shelf/ships.zip"))
    )
    assert found(descriptor) == ["notice: datapackage.json: keys/unchecked"]


@pytest.mark.parametrize(
    ("options", "mend"), [({"resource": "shipss"}, '"ships"'), ({"to": "idd"}, '"id"'), ({"to": "name"}, "")]
)
def test_a_table_or_field_that_the_other_package_lacks_is_a_problem(options, mend, tmp_path):
    digest = write_shelf(tmp_path / "shelf")
    descriptor = write_package(tmp_path / "p", trips("trip,ship\na,Ada\n", outward(digest, **options)))
    report = packpress.validate(read_package(descriptor, packages=[tmp_path / "shelf"]))
    assert [problem.code for problem in report.problems] == (["keys/package"] if mend else [])
    assert all(mend in problem.message for problem in report.problems)


def test_types_that_cannot_be_equal_are_said_and_numbers_compare_by_value(tmp_path):
    digest = write_shelf(tmp_path / "shelf", "id,name\n7,Seven\n", "integer")
    texts = write_package(tmp_path / "p", trips("trip,ship\na,7\n", outward(digest)))
    assert found(texts, packages=[tmp_path / "shelf"]) == ["datapackage.json: keys/package"]
    numbers = write_package(tmp_path / "q", trips("trip,ship\na,007\nb,8\n", outward(digest), kind="integer"))
    assert found(numbers, packages=[tmp_path / "shelf"]) == ['trips.csv:3: ship="8": keys/foreign']


def test_a_descriptor_is_pinned_only_with_the_hashes_of_its_files(tmp_path):
    shelf = tmp_path / "shelf" / "ships"
    for has_hash in (False, True):
        properties = {"hash": "sha256:" + hashlib.sha256(SHIPS.encode()).hexdigest()} if has_hash else {}
        path = write_package(shelf, ships() | properties)
        digest = "sha256:" + hashlib.sha256(path.read_bytes()).hexdigest()
        descriptor = write_package(tmp_path / "p", trips("trip,ship\na,adda\n", outward(digest)))
        expected = (
            'trips.csv:2: ship="adda": keys/foreign, offers "ada"'
            if has_hash
            else "datapackage.json: keys/package"
        )
        assert found(descriptor, packages=[tmp_path / "shelf"]) == [expected]
    (shelf / "ships.csv").write_text(SHIPS.replace("Ada", "Oda"))
    assert found(descriptor, packages=[tmp_path / "shelf"]) == ["datapackage.json: keys/package"]


def test_what_is_no_package_in_spite_of_its_hash_is_one_problem(tmp_path):
    (tmp_path / "x.zip").write_bytes(b"PK\x03\x04 not really")
    digest = "sha256:" + hashlib.sha256((tmp_path / "x.zip").read_bytes()).hexdigest()
    descriptor = write_package(tmp_path / "p", trips("trip,ship\na,x\n", outward(digest)))
    assert found(descriptor, packages=[tmp_path]) == ["datapackage.json: keys/package"]


def test_the_commands_take_folders_and_the_variable(tmp_path, monkeypatch):
    digest = write_shelf(tmp_path / "shelf")
    descriptor = write_package(tmp_path / "p", trips("trip,ship\na,ada\n", outward(digest)))
    assert invoke("validate", descriptor, "--require-packages").returncode == 1
    assert (
        invoke("validate", descriptor, "--require-packages", "--packages", tmp_path / "shelf").returncode == 0
    )
    monkeypatch.setenv("PACKPRESS_PACKAGES", str(tmp_path / "shelf"))
    done = invoke(
        "build", descriptor, "--require-packages", "--output", tmp_path / "out", "--formats", "sqlite"
    )
    assert done.returncode == 0, done.stderr


# ---- items


def build(descriptor, folder, **options):
    packpress.build(read_package(descriptor), folder, **options)
    return sqlite3.connect(folder / "sm_all.db")


def test_every_item_of_a_list_is_a_key_and_a_row_of_a_link_table(tmp_path):
    text = "trip,ship\na,ada|ida|ada\nb,\nc,ida\n"
    item = trips(text, refer("ship", "ships", "id"), kind="list", delimiter="|")
    descriptor = write_package(tmp_path / "p", ships(), item)
    assert found(descriptor) == []
    db = build(descriptor, tmp_path / "out")
    assert db.execute("select * from trips_ship order by 1, 3").fetchall() == [
        ("a", "ada", 1),
        ("a", "ida", 2),
        ("c", "ida", 1),
    ]
    targets = {row[2] for row in db.execute("pragma foreign_key_list(trips_ship)")}
    assert targets == {"trips", "ships"}
    described = db.execute(
        "select field_name, description from data_dictionary where table_name = 'trips_ship'"
    ).fetchall()
    assert len(described) == 3 and dict(described)["position"]
    assert (tmp_path / "out" / "csv" / "trips_ship.csv").read_text().splitlines()[0] == "trip,id,position"


def test_the_zip_of_a_build_with_a_link_table_builds_to_the_same_rows(tmp_path):
    item = trips("trip,ship\na,ada;ida\n", refer("ship", "ships", "id"), kind="list", delimiter=";")
    build(write_package(tmp_path / "p", ships(), item), tmp_path / "one")
    (zipped,) = (tmp_path / "one").glob("*.zip")
    build(zipped, tmp_path / "two")
    sums = [(tmp_path / name / "LOGICAL_SHA256").read_text() for name in ("one", "two")]
    assert sums[0] == sums[1] and "trips_ship" in sums[0]


def test_a_name_that_is_taken_or_a_table_without_key_has_no_link_table(tmp_path):
    item = trips("trip,ship\na,ada\n", refer("ship", "ships", "id"), kind="list")
    taken = table("trips_ship", "x\n1\n", [field("x")])
    keyless = table("plain", "s\nada\n", [field("s", "list")], foreignKeys=[refer("s", "ships", "id")])
    db = build(write_package(tmp_path / "p", ships(), item, taken, keyless), tmp_path / "out")
    assert db.execute("select * from trips_ship").fetchall() == [("1",)]
    assert not db.execute("select 1 from sqlite_schema where name = 'plain_s'").fetchall()


def test_lists_of_the_table_itself_and_of_numbers(tmp_path):
    fields = [field("id", "integer"), field("near", "list", itemType="integer")]
    item = table(
        "t",
        'id,near\n1,"2,3"\n2,"1,02"\n3,\n',
        fields,
        primaryKey="id",
        foreignKeys=[refer("near", "", "id")],
    )
    descriptor = write_package(tmp_path / "p", item)
    assert found(descriptor) == []
    db = build(descriptor, tmp_path / "out")
    assert db.execute("select id, near from t_near order by 1, 2").fetchall() == [
        (1, 2),
        (1, 3),
        (2, 1),
        (2, 2),
    ]


@settings(max_examples=25)
@given(st.lists(st.lists(st.sampled_from("abcdxy"), max_size=4), min_size=1, max_size=6))
def test_as_many_cells_are_found_as_have_an_item_that_is_not_there(tmp_path_factory, rows):
    text = "trip,ship\n" + "".join(f"{n},{';'.join(row)}\n" for n, row in enumerate(rows))
    there = table("ships", "id\n" + "".join(f"{one}\n" for one in "abcd"), [field("id")], primaryKey="id")
    item = trips(text, refer("ship", "ships", "id"), kind="list", delimiter=";")
    report = packpress.validate(read_package(write_package(tmp_path_factory.mktemp("p"), there, item)))
    expected = [n + 2 for n, row in enumerate(rows) if {*row} & {*"xy"}]
    assert [problem.line for problem in report.problems] == expected


def test_text_of_sources_in_a_list_is_left_out_of_its_link_table_too(tmp_path):
    item = trips("trip,ship\na,ada\n", refer("ship", "ships", "id"), kind="list", verbatim="quote")
    descriptor = write_package(tmp_path / "p", ships(), item)
    done = invoke("build", descriptor, "--source-text", "none", "--output", tmp_path / "out")
    assert done.returncode == 2 and "trips_ship" in done.stderr and "ada" not in done.stderr


# ---- the page


def test_the_page_on_foreign_keys_runs(tmp_path):
    commands = follow(PAGE, tmp_path)
    assert [command.split()[:2] for command in commands] == [
        ["packpress", "validate"],
        ["echo", "$?"],
        ["packpress", "build"],
    ]


def test_the_hashes_on_the_page_are_of_what_it_shows(tmp_path):
    hashes = re.findall(r"sha256:[0-9a-f]{64}", PAGE.read_text(encoding="utf-8"))
    follow(PAGE, tmp_path)
    shelf = tmp_path / "shelf" / "ports"
    assert {f"sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}" for file in shelf.iterdir()} == set(
        hashes
    )
    assert json.loads((shelf / "datapackage.json").read_text())["name"] == "ports" and Path(shelf).is_dir()
