"""Withdraw, rename, merge and split: a row and all that refers to it, shown as a difference first."""

import json
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from packpress.transaction import finish_replacement

from invented.commands import invoke
from invented.copies import PackageCopy, messages
from invented.marks import keep_short
from invented.packages import field, table, write_package
from tests.conftest import needs_posix
from tests.kills import run_and_die

WITHDRAW = ("withdraw", "sightings", "north-s002")


@pytest.fixture
def fleet(package_copy, monkeypatch):
    """A copy of the invented package, whose links may all go, in the folder in which commands run."""
    monkeypatch.chdir(package_copy.root)
    describe(package_copy, lambda raw: [resource.pop("minimumRows", 0) for resource in raw["resources"]])
    return package_copy


def describe(copy, change):
    raw = json.loads(copy.descriptor.read_text(encoding="utf-8"))
    change(raw)
    copy.descriptor.write_text(json.dumps(raw), encoding="utf-8")


def read_files(copy, *but):
    return {
        file.name: file.read_bytes()
        for file in sorted((copy.root / "data").iterdir())
        if file.stem not in but
    }


def do(*words, code=0):
    done = invoke(*words)
    assert done.returncode == code, done.stdout + done.stderr
    assert done.stderr.count("Traceback") == 0
    return done


def lines_of(done):
    return done.stdout.splitlines()


# ---- withdraw


def test_a_withdrawn_row_takes_along_what_cannot_be_without_it(fleet):
    done = do(*WITHDRAW, "--reason", "Seen twice.", "--yes")
    assert (lines_of(done), done.stderr) == (
        [
            "- `sightings`: 1 withdrawn",
            "  - withdrawn `north-s002`",
            "- `sighting_ports`: 1 withdrawn",
            "  - withdrawn `north-s002,brest,bound_for`",
            "- `sighting_charts`: 1 withdrawn",
            "  - withdrawn `north-s002,north-c01`",
            "- `withdrawals`: 3 added",
            "  - added `sighting_charts,north-s002,north-c01`",
            "  - added `sighting_ports,north-s002,brest,bound_for`",
            "  - added `sightings,north-s002`",
            "written: data/sightings.csv, data/sighting_ports.csv, data/sighting_charts.csv, "
            "data/withdrawals.csv; now run packpress generate",
        ],
        "",
    )
    entry = {"version": "1.2.3", "reason": "Seen twice.", "replaced_by": ""}
    assert fleet.rows("withdrawals")[2] == {"table_name": "sightings", "row_id": "north-s002", **entry}
    assert messages(fleet) == []


def test_an_optional_reference_is_emptied_and_a_required_one_takes_its_row_along(fleet):
    done = do("withdraw", "ports", "west-coast", "--reason", "No port.", "--yes")
    assert "- `ports`: 2 changed, 1 withdrawn" in lines_of(done)
    assert "  - changed `bergen`, broader_id: “west-coast” became “”" in lines_of(done)
    assert {row["broader_id"] for row in fleet.rows("ports")} == {""}
    shown = lines_of(do("withdraw", "pages", "south-p003", "--reason", "Torn."))
    assert [line for line in shown if line.startswith("- ")] == [
        "- `pages`: 1 withdrawn",
        "- `sightings`: 1 withdrawn",
        "- `ports`: 1 withdrawn",
        "- `sighting_ports`: 1 withdrawn",
        "- `sighting_charts`: 1 withdrawn",
        "- `withdrawals`: 5 added",
    ]


def test_a_withdrawn_row_is_replaced_by_another_where_that_is_said(fleet):
    do("withdraw", "sightings", "north-s003", "--reason", "The same.", "--replaced-by", "north-s001", "--yes")
    (entry,) = fleet.rows("withdrawals")
    assert (entry["row_id"], entry["replaced_by"]) == ("north-s003", "north-s001")
    # What replaced a row and goes itself is followed to what replaces it.
    do("withdraw", "sightings", "north-s001", "--reason", "Gone.", "--replaced-by", "south-s001", "--yes")
    by_row = {entry["row_id"]: entry["replaced_by"] for entry in fleet.rows("withdrawals")}
    assert by_row["north-s003"] == by_row["north-s001"] == "south-s001"
    do("withdraw", "sightings", "south-s001", "--reason", "Gone.", "--yes")
    assert {entry["replaced_by"] for entry in fleet.rows("withdrawals")} == {""}
    assert messages(fleet) == []


def test_several_rows_go_at_once_and_cells_are_set_with_them(fleet):
    words = ("--also", "charts=north-c01 | charts=north-c02", "--set", "logs:north:note=Two charts are lost.")
    done = do(*WITHDRAW, "--reason", "Gone.", *words, "--yes")
    assert "- `charts`: 2 withdrawn" in lines_of(done)
    assert "  - changed `north`, note: “” became “Two charts are lost.”" in lines_of(done)
    assert messages(fleet) == []


def test_a_package_without_a_register_needs_no_reason(fleet):
    describe(fleet, lambda raw: raw["validation"].pop("register"))
    assert len(lines_of(do(*WITHDRAW, "--yes"))) == 7


def test_only_tables_that_the_register_may_name_are_registered(fleet):
    def limit(raw):
        (register,) = [item for item in raw["resources"] if item["name"] == "withdrawals"]
        register["schema"]["fields"][0]["constraints"]["enum"] = ["sightings"]

    describe(fleet, limit)
    do(*WITHDRAW, "--reason", "Gone.", "--yes")
    assert [row["table_name"] for row in fleet.rows("withdrawals")] == ["sightings"]


# ---- rename


def test_a_renamed_row_has_its_new_key_everywhere(fleet):
    fleet.edit("sightings", "north-s003", note="See north-s001, not north-s0012.")
    done = do("rename", "sightings", "north-s001", "north-s101", "--yes")
    assert lines_of(done)[:-1] == [
        "- `sightings`: 1 moved, 1 changed",
        "  - moved `north-s001` to `north-s101`",
        "  - changed `north-s003`, note: “See north-s001, not north-s0012.” became "
        "“See north-s101, not north-s0012.”",
        "- `sighting_ports`: 1 moved",
        "  - moved `north-s001,bergen,near` to `north-s101,bergen,near`",
        "- `sighting_relations`: 1 moved",
        "  - moved `north-s001,south-s001,agrees` to `north-s101,south-s001,agrees`",
        "- `withdrawals`: 3 added",
        "  - added `sighting_ports,north-s001,bergen,near`",
        "  - added `sighting_relations,north-s001,south-s001,agrees`",
        "  - added `sightings,north-s001`",
    ]
    assert fleet.rows("withdrawals")[2]["reason"] == "Renamed."
    assert messages(fleet) == []


KEYS = [
    *[("sightings", key) for key in ("north-s001", "north-s002", "north-s004", "south-s002")],
    *[("ports", key) for key in ("bergen", "west-coast")],
    *[("logs", "north"), ("pages", "north-p002"), ("kinds", "whale"), ("charts", "south-c01")],
]


@pytest.mark.parametrize(
    ("name", "key"), keep_short(KEYS, *(KEYS[place] for place in (0, 4, 6, 7, 8))), ids="-".join
)
def test_renaming_there_and_back_is_as_if_nothing_had_been(fleet, name, key):
    before = read_files(fleet)
    new_key = "moved" if name == "kinds" else "moved-9"
    do("rename", name, key, new_key, "--yes")
    assert fleet.rows("withdrawals")
    assert messages(fleet) == []
    do("rename", name, new_key, key, "--yes")
    assert read_files(fleet) == before


def test_a_key_that_a_release_may_have_is_never_used_again(fleet):
    do("rename", "ports", "oslo", "kristiania", "--yes")
    describe(fleet, lambda raw: raw.update(version="1.2.4"))
    done = do("rename", "ports", "kristiania", "oslo", "--yes", code=2)
    assert done.stderr == (
        'oslo: withdrawn and replaced by "kristiania", as data/withdrawals.csv:2 says; its key is never used '
        "again, so name another one\n"
    )


def test_the_parts_of_a_composite_key_are_renamed_together(fleet):
    key = "north-s005,oslo,bound_for"
    done = do("rename", "sighting_ports", key, "north-s005,oslo,near", "--yes")
    assert "  - moved `north-s005,oslo,bound_for` to `north-s005,oslo,near`" in lines_of(done)
    assert [row["replaced_by"] for row in fleet.rows("withdrawals")] == ["north-s005,oslo,near"]
    done = do("rename", "sighting_ports", "north-s005,oslo,near", "north-s005,oslo", code=2)
    assert done.stderr == (
        "north-s005,oslo: the key of sighting_ports is sighting_id, port_id, role; "
        "write 3 values with commas between\n"
    )


# ---- merge


def test_what_refers_to_a_merged_row_refers_to_the_other(fleet):
    done = do("merge", "ports", "bergen", "west-coast", "--yes")
    assert lines_of(done)[:-1] == [
        "- `ports`: 1 withdrawn",
        "  - withdrawn `bergen`, replaced by `west-coast`",
        "- `sighting_ports`: 1 moved",
        "  - moved `north-s001,bergen,near` to `north-s001,west-coast,near`",
        "- `withdrawals`: 2 added",
        "  - added `ports,bergen`",
        "  - added `sighting_ports,north-s001,bergen,near`",
    ]
    assert fleet.rows("withdrawals")[0]["reason"] == "Merged with west-coast."
    assert messages(fleet) == []


def test_no_row_refers_to_itself_after_a_merge(fleet):
    # Bergen is a part of the coast, which would become a part of itself; and one sighting agrees with the other.
    do("merge", "ports", "west-coast", "bergen", "--yes")
    assert {row["port_id"]: row["broader_id"] for row in fleet.rows("ports")} == {
        "bergen": "",
        "brest": "bergen",
        "cadiz": "",
        "oslo": "",
    }
    done = do("merge", "sightings", "south-s001", "north-s001", "--yes")
    assert "  - withdrawn `north-s001,south-s001,agrees`" in lines_of(done)
    assert messages(fleet) == []


def test_duplicates_are_dropped_and_those_that_differ_are_a_conflict(fleet):
    fleet.append("sighting_ports", sighting_id="north-s001", port_id="oslo", role="near", mention="Bergen")
    fleet.append("sighting_ports", sighting_id="south-s002", port_id="bergen", role="near", mention="Cadiz")
    do("merge", "ports", "oslo", "bergen", "--yes")
    assert [row["row_id"] for row in fleet.rows("withdrawals")][:1] == ["oslo"]
    before = read_files(fleet)
    done = do("merge", "ports", "bergen", "cadiz", "--yes", code=1)
    assert done.stderr.splitlines() == [
        'notice: data/ports.csv:2: broader_id="west-coast": goes, and cadiz has none; take it over with --set "broader_id=…", if it is true of both',
        'data/sighting_ports.csv:7: mention="Cadiz": becomes a duplicate of data/sighting_ports.csv:8, which '
        'has "Cádiz"; make them alike or remove one first, or keep the cells there with --keep',
        "1 problem; nothing was written",
    ]
    assert read_files(fleet) == before
    done = do("merge", "ports", "bergen", "cadiz", "--keep", "--yes")
    assert "  - withdrawn `south-s002,bergen,near`, replaced by `south-s002,cadiz,near`" in lines_of(done)
    (kept,) = [row for row in fleet.rows("sighting_ports") if row["sighting_id"] == "south-s002"]
    assert kept["mention"] == "Cádiz"
    assert messages(fleet) == []


def test_cells_that_only_the_merged_row_has_are_told_and_may_be_set(fleet):
    done = do("merge", "charts", "north-c01", "north-c02", "--set", "year=1866 | locator=4-7", "--yes")
    assert done.stderr.splitlines() == [
        'notice: data/charts.csv:3: issue="3": goes, and north-c02 has none; take it over with --set "issue=…", if it is true of both',
        'notice: data/charts.csv:3: locator="4-7": goes, and north-c02 has none; take it over with --set "locator=…", if it is true of both',
        'notice: data/charts.csv:3: number="10234567": goes, and north-c02 has none; take it over with --set "number=…", if it is true of both',
        'notice: data/charts.csv:3: shelf_mark="0099": goes, and north-c02 has none; take it over with --set "shelf_mark=…", if it is true of both',
    ]
    (chart,) = [row for row in fleet.rows("charts") if row["chart_id"] == "north-c02"]
    assert (chart["year"], chart["locator"], chart["issue"]) == ("1866", "4-7", "")


# ---- split


def test_a_part_of_a_row_gets_the_next_key_and_the_links_that_are_listed(fleet):
    fleet.append("sighting_ports", sighting_id="south-s001", port_id="cadiz", role="near", mention="Cádiz")
    to = ("--to-new", "sighting_ports=cadiz", "--to-both", "sighting_relations=agrees")
    cells = ("--set", "quote=close to Brest | south-s001:statement=A whale swam there.")
    done = do("split", "sightings", "south-s001", *to, *cells, "--yes")
    assert lines_of(done)[:-1] == [
        "- `sightings`: 1 added, 2 changed",
        "  - added `south-s004`",
        "  - changed `south-s001`, statement: “A whale swam near Brest, said the pilot.” became “A whale swam there.”",
        "  - changed `south-s004`, quote: “A whale close to Brest” became “close to Brest”",
        "- `sighting_ports`: 1 moved",
        "  - moved `south-s001,cadiz,near` to `south-s004,cadiz,near`",
        "- `sighting_relations`: 1 added",
        "  - added `north-s001,south-s004,agrees`",
        "- `withdrawals`: 1 added",
        "  - added `sighting_ports,south-s001,cadiz,near`",
    ]
    assert messages(fleet) == []
    # Merged again, it is as if it had not been split, but for what the register keeps.
    do("merge", "sightings", "south-s004", "south-s001", "--keep", "--yes")
    links = [row["port_id"] for row in fleet.rows("sighting_ports") if row["sighting_id"] == "south-s001"]
    assert links == ["brest", "cadiz"]
    assert [row["row_id"] for row in fleet.rows("withdrawals")] == [
        "north-s001,south-s004,agrees",
        "south-s004",
    ]
    assert messages(fleet) == []


def test_parts_of_which_the_rules_allow_no_two_are_not_written(fleet):
    before = read_files(fleet)
    done = do("split", "sightings", "south-s001", "--yes", code=1)
    assert done.stderr.splitlines() == [
        'data/sightings.csv:11: kind="whale": the unique key page_id, quote, quote_occurrence, kind is '
        "already on line 8; change one of them, or remove the row",
        "1 problem; nothing was written",
    ]
    assert read_files(fleet) == before


def test_a_new_part_never_gets_a_key_that_was_used(fleet):
    do("merge", "ports", "oslo", "bergen", "--yes")
    done = do("split", "ports", "bergen", "--new", "oslo", code=2)
    assert done.stderr == (
        'oslo: withdrawn and replaced by "bergen", as data/withdrawals.csv:2 says; its key is never used '
        "again, so name another one\n"
    )
    do("withdraw", "sightings", "south-s003", "--reason", "Gone.", "--yes")
    done = do("split", "sightings", "south-s002", "--set", "quote=wreck", "--yes")
    assert "  - added `south-s004`" in lines_of(done)
    assert messages(fleet) == []


def test_rules_that_cannot_be_checked_are_told(fleet):
    describe(fleet, lambda raw: raw["validation"].update(rules="nobody"))
    done = do("rename", "ports", "oslo", "kristiania")
    assert done.stderr == "notice: rules of nobody are not checked; install the extension\n"


# ---- names of rows in a table of their own


@pytest.fixture
def named(tmp_path, monkeypatch):
    """Two tables, and names for the rows of both, which a field names by table and key."""
    monkeypatch.chdir(tmp_path)
    ports = table("ports", "port_id\nbergen\noslo\n", [field("port_id")], primaryKey="port_id")
    ships = table(
        "ships", "line,ship\na,oslo\nb,ida\n", [field("line"), field("ship")], primaryKey=["line", "ship"]
    )
    names = table(
        "names",
        'name_id,kind,row,name\nn1,ports,bergen,Bjørgvin\nn2,ports,oslo,Bjørgvin\nn3,ships,"a,oslo",O\n'
        "n4,rivers,oslo,R\n",
        [
            field("name_id"),
            field("kind", required=True),
            field("row", required=True, rowOf="kind"),
            field("name"),
        ],
        primaryKey="name_id",
        uniqueKeys=[["kind", "row", "name"]],
    )
    notes = table(
        "notes",
        "note_id,kind,row\n1,ports,oslo\n2,,\n",
        [field("note_id"), field("kind"), field("row", rowOf="kind")],
        primaryKey="note_id",
    )
    write_package(tmp_path, ports, ships, names, notes)
    return tmp_path


def test_a_field_that_names_rows_of_several_tables_follows_them(named):
    do("rename", "ports", "oslo", "kristiania", "--yes")
    assert (named / "names.csv").read_text().splitlines()[2:] == [
        "n2,ports,kristiania,Bjørgvin",
        'n3,ships,"a,oslo",O',
        "n4,rivers,oslo,R",
    ]
    do("rename", "ships", "a,oslo", "a,una", "--yes")
    assert 'n3,ships,"a,una",O' in (named / "names.csv").read_text()
    done = do("merge", "ports", "kristiania", "bergen", "--yes")
    assert "  - withdrawn `n2`, replaced by `n1`" in lines_of(done)
    assert (named / "notes.csv").read_text() == "note_id,kind,row\n1,ports,bergen\n2,,\n"
    do("withdraw", "ports", "bergen", "--yes")
    assert (named / "names.csv").read_text().splitlines()[1:] == ['n3,ships,"a,una",O', "n4,rivers,oslo,R"]
    assert (named / "notes.csv").read_text() == "note_id,kind,row\n1,,\n2,,\n"


# ---- any row of any table


def list_keys(copy):
    package = copy.read()
    return [
        (resource.name, ",".join(row[part] for part in resource.primary_key))
        for resource in package.resources
        if resource.name != package.register
        for row in copy.rows(resource.name)
    ]


def check_outcome(copy, before, done):
    """What was written is valid; where something would not be, or has to be decided first, nothing was."""
    assert done.returncode in {0, 1}, done.stderr
    if done.returncode:
        assert read_files(copy) == before
        assert done.stderr.endswith("nothing was written\n")
    assert messages(copy) == []


ANY = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.long
@ANY
@given(st.data())
def test_whatever_is_withdrawn_leaves_no_key_that_leads_nowhere(tmp_path_factory, data):
    copy = PackageCopy(tmp_path_factory.mktemp("any"))
    describe(copy, lambda raw: [resource.pop("minimumRows", 0) for resource in raw["resources"]])
    for _ in range(3):
        before = read_files(copy)
        name, key = data.draw(st.sampled_from(list_keys(copy)))
        done = invoke("withdraw", name, key, copy.descriptor, "--reason", "Gone.", "--yes")
        assert done.returncode == 0, done.stderr
        gone = {(row["table_name"], row["row_id"]) for row in copy.rows("withdrawals")}
        assert (name, key) in gone and not gone & {*list_keys(copy)}
        check_outcome(copy, before, done)


@pytest.mark.long
@ANY
@given(st.data())
def test_whatever_is_merged_leaves_a_valid_package_or_the_one_that_was(tmp_path_factory, data):
    copy = PackageCopy(tmp_path_factory.mktemp("any"))
    describe(copy, lambda raw: [resource.pop("minimumRows", 0) for resource in raw["resources"]])
    name = data.draw(st.sampled_from(["ports", "sightings", "charts", "pages", "kinds", "logs"]))
    keys = [key for table_name, key in list_keys(copy) if table_name == name]
    one, other = data.draw(st.lists(st.sampled_from(keys), min_size=2, max_size=2, unique=True))
    before = read_files(copy)
    done = invoke("merge", name, one, other, copy.descriptor, "--keep", "--yes")
    check_outcome(copy, before, done)
    assert ((name, one) in list_keys(copy)) == (done.returncode == 1)


# ---- showing and asking


def test_nothing_is_written_without_agreement(fleet, monkeypatch):
    before = read_files(fleet)
    done = do("rename", "ports", "oslo", "kristiania")
    assert lines_of(done)[-1] == "nothing was written; add --yes to write this"
    monkeypatch.setattr("packpress.cli.can_ask", lambda: True)
    for answer, is_written in (("", False), ("n", False), ("y", True)):
        done = invoke("rename", "ports", "oslo", "kristiania", input=f"{answer}\n")
        assert "Write this? [y/N]" in done.stdout
        assert (read_files(fleet) != before) == is_written == ("written: " in done.stdout)


def test_what_changed_while_somebody_was_asked_is_looked_at_again(fleet, monkeypatch):
    def change_and_agree(*_):
        fleet.edit("sighting_ports", "north-s005,oslo,bound_for", mention="")
        return True

    monkeypatch.setattr("packpress.cli.is_agreed", change_and_agree)
    done = do("rename", "ports", "oslo", "kristiania", code=2)
    assert done.stderr == (
        "datapackage.json: the tables have changed since; run it again and look at the difference anew\n"
    )
    assert "kristiania" not in fleet.file("ports").read_text()


def test_a_long_difference_is_whole_in_a_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    boats = table("boats", "boat_id\nida/1\n", [field("boat_id")], primaryKey="boat_id")
    text = "trip_id,boat_id\n" + "".join(f"{number:03},ida/1\n" for number in range(30))
    key = {"fields": "boat_id", "reference": {"resource": "boats", "fields": "boat_id"}}
    trips = table(
        "trips",
        text,
        [field("trip_id"), field("boat_id", required=True)],
        primaryKey="trip_id",
        foreignKeys=[key],
    )
    write_package(tmp_path, boats, trips)
    done = do("rename", "boats", "ida/1", "ida")
    assert lines_of(done)[-2] == "  - and 10 more changed, all in dist/rename-boats-ida-1-changes.csv"
    assert len((tmp_path / "dist" / "rename-boats-ida-1-changes.csv").read_text().splitlines()) == 33


def test_problems_of_before_are_not_blamed_on_the_change(fleet):
    fleet.edit("sightings", "south-s001", kind="whalee")
    fleet.edit("charts", "south-c01", log_id="west")
    fleet.edit("ports", "oslo", label="Cádiz")
    do("withdraw", "ports", "bergen", "--reason", "Its line is no other's business.", "--yes")
    fleet.edit("sighting_relations", "north-s004,south-s003,contradicts", relation="denies")
    do("rename", "sightings", "south-s001", "south-s101", "--yes")
    do("rename", "sightings", "south-s003", "south-s103", "--yes")
    do("withdraw", "sightings", "north-s003", "--reason", "Gone.", "--yes")
    assert len(messages(fleet)) == 4


def test_make_is_told_its_own_variables(fleet, monkeypatch):
    monkeypatch.setenv("PACKPRESS_CALLER", "make")
    assert do(*WITHDRAW, code=2).stderr == 'withdrawals: an entry needs a reason; add REASON="…"\n'
    assert do("split", "ports", "oslo", code=2).stderr == (
        'oslo: its key is not numbered; name that of the new row: NEW="…"\n'
    )
    done = do(*WITHDRAW, "--reason", "Gone.")
    assert lines_of(done)[-1] == "nothing was written; add YES=1 to write this"


REFUSED = {
    ("withdraw", "port", "oslo"): 'port: no such table; did you mean "ports"?',
    ("withdraw", "ports", "osl"): 'osl: no row of ports has this key; did you mean "oslo"?',
    ("withdraw", "ports", "x"): "x: no row of ports has this key; see data/ports.csv",
    ("withdraw", "ports", "north-s001"): (
        "north-s001: no row of ports has this key, but one of sightings has; name that table"
    ),
    ("withdraw", "sightings_flat", "x"): (
        "sightings_flat: computed by a build; change the tables that it is computed from"
    ),
    ("withdraw", "withdrawals", "x"): (
        "withdrawals: the register of withdrawn rows, which keeps its entries; name another"
    ),
    ("withdraw", "ports", "oslo", "--replaced-by", "oslo"): "oslo: the same row twice; name another one",
    ("withdraw", "ports", "oslo", "--also", "brest"): "brest: names no row; write TABLE=KEY",
    ("withdraw", "ports", "oslo", "--reason", "x", "--set", "label=x"): (
        "label=x: names no row; write TABLE:KEY:FIELD=VALUE"
    ),
    ("rename", "ports", "oslo", "oslo"): "oslo: the key that it has; name another one",
    ("rename", "ports", "oslo", "brest"): (
        "brest: data/ports.csv:3 has this key; name another one, or merge the two"
    ),
    ("merge", "ports", "oslo", "oslo"): "oslo: the same row twice; name another one",
    ("merge", "ports", "oslo", "brst"): 'brst: no row of ports has this key; did you mean "brest"?',
    ("split", "ports", "oslo"): 'oslo: its key is not numbered; name that of the new row: --new "…"',
    ("split", "sighting_ports", "north-s001,bergen,near"): (
        'north-s001,bergen,near: the key has several parts; name that of the new row: --new "…"'
    ),
    ("split", "sightings", "south-s001", "--to-new", "sighting_ports=oslo"): (
        "sighting_ports=oslo: no row of sighting_ports that refers to south-s001; there are brest,near"
    ),
    ("split", "sightings", "south-s001", "--to-new", "ports"): (
        "ports: no row of ports that refers to south-s001; there are none"
    ),
    ("split", "ports", "west-coast", "--new", "x", "--to-both", "ports"): (
        "ports: a copy would have the key bergen, which is taken; give it to one of both"
    ),
    ("rename", "ports", "oslo", "x", "--set", "lable=x"): 'lable: no field of ports; did you mean "label"?',
    ("rename", "ports", "oslo", "x", "--set", "label"): (
        "label: sets nothing; write FIELD=VALUE or TABLE:KEY:FIELD=VALUE"
    ),
    ("rename", "ports", "oslo", "x", "--set", "port_id=y"): (
        "port_id: part of the key of ports; rename the row instead"
    ),
    ("rename", "ports", "oslo", "x", "--set", "sightings:nort-s001:note=y"): (
        'nort-s001: no row of sightings has this key; did you mean "north-s001"?'
    ),
}


@pytest.mark.parametrize("words", REFUSED, ids=" ".join)
def test_what_cannot_be_done_is_one_line(fleet, words):
    before = read_files(fleet)
    done = do(*words, code=2)
    assert (done.stdout, done.stderr) == ("", f"{REFUSED[words]}\n")
    assert read_files(fleet) == before


def test_a_withdrawn_key_says_what_replaces_it(fleet):
    do("merge", "ports", "oslo", "bergen", "--yes")
    said = 'oslo: withdrawn and replaced by "bergen", as data/withdrawals.csv:2 says\n'
    assert do("withdraw", "ports", "oslo", code=2).stderr == said
    do("withdraw", "ports", "bergen", "--reason", "Gone.", "--yes")
    said = "oslo: withdrawn and replaced by nothing, as data/withdrawals.csv:3 says\n"
    assert do("merge", "ports", "oslo", "brest", code=2).stderr == said


def test_a_text_that_names_what_is_gone_is_told(fleet):
    fleet.edit("sightings", "north-s003", note="Perhaps that of north-s001.")
    done = do("withdraw", "sightings", "north-s001", "--reason", "Gone.")
    assert done.stderr == (
        'notice: data/sightings.csv:5: note="Perhaps that of north-s001.": names north-s001, which is gone; read it again\n'
    )


@needs_posix
@pytest.mark.long
def test_a_command_killed_at_any_moment_leaves_all_old_or_all_new(fleet, tmp_path_factory, monkeypatch):
    old, outcomes = read_files(fleet), []
    for step in range(80):
        copy = PackageCopy(tmp_path_factory.mktemp("killed"))
        action = partial(invoke, "rename", "ports", "brest", "brest-port", copy.descriptor, "--yes")
        has_ended = run_and_die(action, step, monkeypatch)
        finish_replacement(copy.root)
        outcomes.append(read_files(copy) != old)
        assert not {"brest-port"} & {row["row_id"] for row in copy.rows("withdrawals")}
        assert messages(copy) == []
        if has_ended:
            assert outcomes == sorted(outcomes) and {*outcomes} == {False, True}
            return
    pytest.fail("the command never ended")
