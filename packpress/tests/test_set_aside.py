"""Rows set aside: the valid rows are published, the others written with their reasons, and every place says so."""

import csv
import gzip
import json
import sqlite3
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import packpress
from invented.commands import invoke
from invented.packages import field, table, write_package
from packpress import InvalidPackageError, read_package
from tests.conftest import ROOT
from tests.walkthrough import follow

PAGE = ROOT / "docs" / "set-aside.md"


def refer(name, resource, to="id", **more):
    return {"fields": name, "reference": {"resource": resource, "fields": to}, **more}


def boats(text):
    return table("boats", text, [field("id"), field("built", "year")], primaryKey="id")


def voyages(text, *keys, **properties):
    fields = [field("id"), field("boat"), field("kg", "number")]
    return table(
        "voyages",
        text,
        fields,
        primaryKey="id",
        foreignKeys=[*keys] or [refer("boat", "boats")],
        **properties,
    )


def build(descriptor, output, **options):
    options = {"formats": ["csv", "sqlite"], **options}
    return packpress.build(read_package(descriptor), output, set_aside=True, **options)


def rows_of(file):
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def keys_of(output, folder, name):
    file = output / folder / f"{name}.csv"
    return [row["id"] for row in rows_of(file)] if file.exists() else []


def test_never_by_default(tmp_path):
    descriptor = write_package(tmp_path / "p", boats("id,built\na,1998\nb,x\n"))
    with pytest.raises(InvalidPackageError):
        packpress.build(read_package(descriptor), tmp_path / "out")
    assert invoke("build", descriptor, "--output", tmp_path / "out").returncode == 1
    assert not (tmp_path / "out").exists()


def test_a_valid_package_is_built_as_ever(tmp_path):
    descriptor = write_package(tmp_path / "p", boats("id,built\na,1998\n"))
    made = build(descriptor, tmp_path / "one")
    packpress.build(read_package(descriptor), tmp_path / "two", formats=["csv", "sqlite"])
    assert made.set_aside == {} and not (tmp_path / "one" / "set-aside").exists()
    assert (tmp_path / "one" / "SHA256SUMS").read_bytes() == (tmp_path / "two" / "SHA256SUMS").read_bytes()


def test_what_refers_to_a_row_goes_too_to_the_end_also_within_a_table(tmp_path):
    fields = [field("id"), field("before"), field("n", "integer")]
    text = "id,before,n\n" + "".join(
        f"v{n},{f'v{n - 1}' if n else ''},{'x' if n == 3 else n}\n" for n in range(300)
    )
    item = table("chain", text, fields, primaryKey="id", foreignKeys=[refer("before", "")])
    made = build(write_package(tmp_path / "p", item), tmp_path / "out")
    assert made.set_aside == {"chain": 297}
    assert keys_of(tmp_path / "out", "csv", "chain") == ["v0", "v1", "v2"]
    last = rows_of(tmp_path / "out" / "set-aside" / "chain.csv")[-1]
    assert (
        last["_reasons"] == 'before="v298": refers to chain.csv:300, which is set aside'
        and last["_line"] == "301"
    )


def test_items_of_lists_pull_and_weak_keys_do_not(tmp_path):
    crews = table(
        "crews",
        "id,who\nc1,a;b\nc2,b\nc3,\n",
        [field("id"), field("who", "list", delimiter=";")],
        primaryKey="id",
        foreignKeys=[refer("who", "boats")],
    )
    loose = voyages("id,boat,kg\nv1,a,1\n", refer("boat", "boats", weak=True))
    made = build(
        write_package(tmp_path / "p", boats("id,built\na,x\nb,2000\n"), crews, loose), tmp_path / "out"
    )
    assert made.set_aside == {"boats": 1, "crews": 1}
    assert keys_of(tmp_path / "out", "csv", "crews") == ["c2", "c3"]
    assert keys_of(tmp_path / "out", "csv", "voyages") == ["v1"]


def test_a_key_that_other_rows_have_too_pulls_nothing(tmp_path):
    text = "id,built\na,1998\na,1999\nb,2000\n"
    made = build(
        write_package(tmp_path / "p", boats(text), voyages("id,boat,kg\nv1,a,1\n")), tmp_path / "out"
    )
    assert made.set_aside == {"boats": 1} and keys_of(tmp_path / "out", "csv", "boats") == ["a", "b"]


def test_a_changed_key_sets_the_rows_aside_that_refer_to_it_and_not_itself(tmp_path):
    parts = boats("id,built\nadaa,1998\nida,2000\n"), voyages("id,boat,kg\nv1,ada,1\nv2,ada,2\nv3,ida,3\n")
    made = build(write_package(tmp_path / "p", *parts), tmp_path / "out")
    assert made.set_aside == {"voyages": 2} and keys_of(tmp_path / "out", "csv", "boats") == ["adaa", "ida"]


def test_what_is_left_keeps_to_the_rules_of_the_package(tmp_path):
    (tmp_path / "p" / "c").mkdir(parents=True)
    head = "-- no voyage\n-- table: boats\n-- mend: add one\n"
    query = "select id from boats where id not in (select boat from voyages)"
    (tmp_path / "p" / "c" / "lonely.sql").write_text(head + query)
    parts = boats("id,built\na,1998\nb,2000\n"), voyages("id,boat,kg\nv1,a,1\nv2,b,x\n")
    made = build(write_package(tmp_path / "p", *parts, validation={"checks": ["c/*.sql"]}), tmp_path / "out")
    assert made.set_aside == {"boats": 1, "voyages": 1}
    (row,) = rows_of(tmp_path / "out" / "set-aside" / "boats.csv")
    assert row["_reasons"] == "no voyage; add one" and row["_line"] == "3"


FILES = {
    "a header": (boats, "id,bilt\na,1998\nb,x\n", {}),
    "an encoding": (boats, "id,built\na,1998\n\udce9,x\n", {}),
    "too few rows": (lambda text: boats(text) | {"minimumRows": 2}, "id,built\na,1998\nb,x\n", {}),
    "a descriptor": (boats, "id,built\na,1998\nb,x\n", {"validation": {"register": "gone"}}),
}


@pytest.mark.parametrize("name", FILES)
def test_what_is_not_of_rows_fails_as_before(name, tmp_path):
    make, text, properties = FILES[name]
    item = make("")
    item["text"] = text if text.isprintable() or "\udce9" not in text else ""
    descriptor = write_package(tmp_path / "p", item, **properties)
    if "\udce9" in text:
        (tmp_path / "p" / "boats.csv").write_bytes(text.encode("utf-8", "surrogateescape"))
    done = invoke("build", descriptor, "--set-aside", "--output", tmp_path / "out")
    assert done.returncode == 1 and "not of rows" in done.stderr and not (tmp_path / "out").exists()


def test_other_dialects_parts_and_missing_values_are_published_as_they_mean(tmp_path):
    fields = [field("id"), field("n", "number", decimalChar=","), field("note", missingValues=["-"])]
    item = table(
        "t",
        "id;n;note\na;1,5;-\nb;x;\n",
        fields,
        primaryKey="id",
        dialect={"delimiter": ";"},
        encoding="latin-1",
    )
    descriptor = write_package(tmp_path / "p", item)
    raw = json.loads(descriptor.read_text())
    raw["resources"][0] |= {"path": ["t.csv", "u.csv"], "hash": "0" * 32, "bytes": 1}
    del raw["resources"][0]["hash"], raw["resources"][0]["bytes"]
    (tmp_path / "p" / "u.csv").write_bytes('id;n;note\nc;2;"é; ""q"""\nd;;\n'.encode("latin-1"))
    descriptor.write_text(json.dumps(raw))
    made = build(descriptor, tmp_path / "out")
    assert made.set_aside == {"t": 1}
    db = sqlite3.connect(tmp_path / "out" / "sm_all.db")
    assert db.execute("select * from t").fetchall() == [
        ("a", 1.5, None),
        ("c", 2.0, 'é; "q"'),
        ("d", None, ""),
    ]
    (row,) = rows_of(tmp_path / "out" / "set-aside" / "t.csv")
    assert (row["_file"], row["_line"], row["n"]) == ("t.csv", "3", "x")


PLAIN = "id,n\na,1\nb,x\n"
# Ways in which a table of the rows `a,1` and `b,x` may be written, with the line of the second one.
SHAPES = {
    "no header": ("a,1\nb,x\n", {"dialect": {"header": False}}, 2),
    "comments": ("#hello\nid,n\na,1\n#y\nb,x\n", {"dialect": {"commentChar": "#"}}, 5),
    "other columns": ("n,more,id\n1,e,a\nx,e,b\n", {"fieldsMatch": "subset"}, 3),
    "line breaks": ('id,n\n"a",1\n"b","x"\n', {}, 3),
    "a null sequence": ("id|n\na|1\nb|x\n", {"dialect": {"delimiter": "|", "nullSequence": "NULL"}}, 3),
    "a zip of one file": (gzip.compress(PLAIN.encode()), {"path": "t.csv.gz"}, 3),
    "objects": (None, {"data": [{"id": "a", "n": 1}, {"id": "b", "n": "x"}]}, 3),
    "lists": (None, {"data": [["id", "n"], ["a", 1], ["b", "x"]]}, 3),
    "text in the descriptor": (None, {"data": PLAIN}, 3),
    "windows": (PLAIN.replace("\n", "\r\n").encode("utf-16"), {"encoding": "utf-16"}, 3),
}


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("kind", ["integer", "string"])
def test_rows_of_every_shape_of_file_are_found_at_their_line_by_types_and_by_checks(name, kind, tmp_path):
    text, properties, line = SHAPES[name]
    schema = {"fields": [field("id"), field("n", kind)], "primaryKey": "id"}
    schema |= {key: value for key, value in properties.items() if key == "fieldsMatch"}
    place = {} if text is None else {"path": "t.csv"}
    resource = {"name": "t", **place, "schema": schema} | {
        k: v for k, v in properties.items() if k != "fieldsMatch"
    }
    head = "-- wrong\n-- table: t\n-- mend: mend it\n-- field: n\n"
    (tmp_path / "late.sql").write_text(f"{head}select rowid from t where n = 'x'")
    if text is not None:
        (tmp_path / resource["path"]).write_bytes(text if isinstance(text, bytes) else text.encode())
    raw = {"name": "sm-all", "resources": [resource], "validation": {"checks": ["late.sql"]}}
    (tmp_path / "datapackage.json").write_text(json.dumps(raw))
    package = read_package(tmp_path)
    (problem,) = packpress.validate(package).problems
    assert (problem.line, problem.value) == (line, "x")
    assert problem.code == ("schema/cell" if kind == "integer" else "sql/late")
    assert build(tmp_path, tmp_path / "out").set_aside == {"t": 1}
    assert keys_of(tmp_path / "out", "csv", "t") == ["a"]
    (row,) = rows_of(tmp_path / "out" / "set-aside" / "t.csv")
    assert (row["_line"], row["id"], row["n"]) == (str(line), "b", "x")


def test_files_that_are_named_stay_named(tmp_path):
    item = boats("id,built\na,1998\nb,x\n") | {"path": "boats.csv"}
    other = table("kept", "id\nx\n", [field("id")])
    descriptor = write_package(tmp_path / "p", item, other)
    (tmp_path / "p" / "data").mkdir()
    raw = json.loads(descriptor.read_text())
    for resource in raw["resources"]:
        (tmp_path / "p" / resource["path"]).rename(tmp_path / "p" / "data" / resource["path"])
        resource["path"] = f"data/{resource['path']}"
    descriptor.write_text(json.dumps(raw | {"validation": {"otherFiles": []}}))
    assert build(descriptor, tmp_path / "out").set_aside == {"boats": 1}


def test_an_output_that_holds_the_input_is_refused(tmp_path):
    descriptor = write_package(tmp_path, boats("id,built\na,1998\nb,x\n"))
    build(descriptor, tmp_path / "out")
    (tmp_path / "out" / "boats.csv").write_text("id,built\na,1998\nb,x\n")
    raw = json.loads(descriptor.read_text())
    raw["resources"][0]["path"] = "out/boats.csv"
    descriptor.write_text(json.dumps(raw))
    done = invoke("build", descriptor, "--set-aside", "--output", tmp_path / "out")
    assert done.returncode == 2 and "which the build reads" in done.stderr
    assert (tmp_path / "out" / "boats.csv").exists()


SAID = "Left out because they are invalid: 1 row of boats, 1 row of voyages."


@pytest.fixture(scope="module")
def everything(tmp_path_factory):
    """A build in all formats of a package with rows set aside."""
    folder = tmp_path_factory.mktemp("aside")
    people = [{"title": "A. Crew", "roles": ["creator", "publisher"]}]
    descriptor = write_package(
        folder / "p",
        boats("id,built\na,1998\nb,x\n"),
        voyages("id,boat,kg\nv1,a,1\nv2,b,2\n"),
        contributors=people,
        created="2024-05-06T07:08:09Z",
    )
    return build(descriptor, folder / "out", formats=None)


def test_every_file_that_counts_says_so(everything):
    folder = everything.folder
    (zipped,) = folder.glob("*.zip")
    texts = {
        "zip": zipfile.ZipFile(zipped).read("README.md").decode(),
        "card": (folder / "parquet" / "README.md").read_text(),
        "datacite": (folder / "datacite.json").read_text(),
    }
    assert {name for name, text in texts.items() if SAID in text} == {*texts}
    croissant = (folder / "croissant.json").read_text()
    assert "Left out because they are invalid: 1 row of boats." in croissant
    counts = {"boats": 1, "voyages": 1}
    assert json.loads((folder / "site.json").read_text())["descriptor"]["setAside"] == counts
    assert json.loads(zipfile.ZipFile(zipped).read("datapackage.json"))["setAside"] == counts
    db = sqlite3.connect(folder / "sm_all.db")
    assert db.execute("select value from package where property = 'setAside'").fetchone() == (
        json.dumps(counts),
    )
    assert any(line.startswith("boats: 1 of 2 rows set aside") for line in everything.left_out)
    assert "set-aside/boats.csv" in (folder / "SHA256SUMS").read_text()


def test_the_zip_is_valid_and_built_again_still_says_so(everything, tmp_path):
    (zipped,) = everything.folder.glob("*.zip")
    assert packpress.validate(read_package(zipped)).is_valid
    again = build(zipped, tmp_path / "again", formats=["zip"])
    assert again.set_aside == {}
    assert (tmp_path / "again" / "LOGICAL_SHA256").read_text() == (
        everything.folder / "LOGICAL_SHA256"
    ).read_text()
    (second,) = (tmp_path / "again").glob("*.zip")
    assert json.loads(zipfile.ZipFile(second).read("datapackage.json"))["setAside"] == {
        "boats": 1,
        "voyages": 1,
    }


def test_the_pages_say_so(everything):
    from tests.web.walk import Site

    site = Site(everything.folder)
    for address, said in (("/", SAID), ("/sm_all", SAID), ("/sm_all/boats", "invalid: 1 row of boats.")):
        assert said in site.get(address).text, address


def test_text_that_an_edition_leaves_out_is_left_out_of_these_rows(tmp_path):
    fields = [field("id"), field("n", "integer"), field("words", verbatim="quote")]
    item = table("t", "id,n,words\na,1,secret\nb,x,secret words\n", fields, primaryKey="id")
    build(write_package(tmp_path / "p", item), tmp_path / "out", source_text="none", formats=["csv"])
    (row,) = rows_of(tmp_path / "out" / "set-aside" / "t.csv")
    assert (row["id"], row["words"], row["_reasons"]) == ("b", "", "left out of this edition")


@pytest.mark.long
@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.sampled_from("abcde"), st.sampled_from(["1998", "x", ""])), max_size=6),
    st.lists(
        st.tuples(st.sampled_from("vwxyz"), st.sampled_from("abcdef"), st.sampled_from(["1", "many"])),
        max_size=8,
    ),
)
def test_every_row_is_either_published_or_set_aside_and_what_is_published_is_valid(
    tmp_path_factory, first, second
):
    folder = tmp_path_factory.mktemp("any")
    texts = [
        "id,built\n" + "".join(f"{a},{b}\n" for a, b in first),
        "id,boat,kg\n" + "".join(f"{a},{b},{c}\n" for a, b, c in second),
    ]
    made = build(
        write_package(folder / "p", boats(texts[0]), voyages(texts[1])), folder / "out", formats=["csv"]
    )
    for name, rows in (("boats", first), ("voyages", second)):
        out = [keys_of(folder / "out", part, name) for part in ("csv", "set-aside")]
        assert sorted(sum(out, [])) == sorted(row[0] for row in rows)
        assert len(out[1]) == made.set_aside.get(name, 0)
    boats_left = {*keys_of(folder / "out", "csv", "boats")}
    good = {a for a, b in first if b != "x"}
    # The first row of a key is the one that stays, so a key is there only if its first row is valid.
    assert boats_left == {a for a in good if next(b for key, b in first if key == a) != "x"}
    assert all(row["boat"] in boats_left for row in rows_of(folder / "out" / "csv" / "voyages.csv"))


def test_the_page_on_setting_aside_runs(tmp_path):
    assert len(follow(PAGE, tmp_path)) == 4
