"""The card of the Parquet files: configurations that name every file, and what the descriptor says of the package."""

import pyarrow.parquet as pq
import pytest
import yaml

import packpress
from invented.packages import build, field, table, write_package


def read_card(output):
    """What the Hub reads of a card, and what people read."""
    text = (output / "parquet" / "README.md").read_text(encoding="utf-8")
    begin, head, rest = text.split("---\n", 2)
    assert begin == ""
    return yaml.safe_load(head), rest


def write_tables(folder, *names, **properties):
    tables = [table(name, "id\n1\n", [field("id")], primaryKey="id") for name in names]
    for number, item in enumerate(tables):
        item["path"] = f"{number}.csv"
    return write_package(folder, *tables, **properties)


def test_every_table_with_rows_is_a_configuration_with_its_file(built, package):
    head, _ = read_card(built)
    filled = [
        name for name in package.by_name if pq.read_metadata(built / "parquet" / f"{name}.parquet").num_rows
    ]
    assert [item["config_name"] for item in head["configs"]] == filled
    assert all((built / "parquet" / item["data_files"]).is_file() for item in head["configs"])


def test_names_that_the_library_refuses_are_told_apart_and_patterns_are_none(tmp_path):
    descriptor = write_tables(tmp_path / "p", "a*b", "a:b", "Größe [1]")
    head, _ = read_card(build(descriptor, tmp_path / "build"))
    assert head["configs"] == [
        {"config_name": "a_b", "data_files": "a[*]b.parquet"},
        {"config_name": "a_b_", "data_files": "a:b.parquet"},
        {"config_name": "Größe [1]", "data_files": "Größe [[]1].parquet"},
    ]


def test_what_the_descriptor_lacks_the_card_lacks(tmp_path):
    head, text = read_card(build(write_tables(tmp_path / "p", "boats"), tmp_path / "build"))
    assert head == {
        "pretty_name": "sm-all",
        "configs": [{"config_name": "boats", "data_files": "boats.parquet"}],
    }
    assert "icen" not in text


CC0 = {"name": "CC0-1.0", "path": "https://creativecommons.org/publicdomain/zero/1.0/"}
TERMS = {"title": "Their owners'", "path": "LICENSE", "appliesTo": "verbatim"}
LICENCES = {
    "one of the Hub's": ([CC0], {}, {"license": "cc0-1.0"}),
    "two": (
        [CC0, {"name": "other-open"}],
        {},
        {"license": "other", "license_name": "cc0-1.0-and-other-open", "license_link": CC0["path"]},
    ),
    "copied text": (
        [CC0, TERMS],
        {"verbatim": "quote"},
        {"license": "other", "license_name": "cc0-1.0-with-exceptions", "license_link": "LICENSE"},
    ),
    "one that nobody knows": (
        [{"title": "Ask us", "path": "https://fleet.example/terms"}],
        {},
        {"license": "other", "license_name": "own-terms", "license_link": "https://fleet.example/terms"},
    ),
}


@pytest.mark.parametrize("case", LICENCES)
def test_the_licence_is_one_of_the_hubs_only_if_it_covers_everything(tmp_path, case):
    licences, marked, told = LICENCES[case]
    boats = table("boats", "id,said\n1,x\n", [field("id"), field("said", **marked)], primaryKey="id")
    descriptor = write_package(tmp_path / "p", boats, licenses=licences)
    (tmp_path / "p" / "LICENSE").write_text("Terms", encoding="utf-8")
    output = build(descriptor, tmp_path / "build")
    head, _ = read_card(output)
    assert {name: value for name, value in head.items() if name.startswith("license")} == told
    assert (output / "parquet" / "LICENSE").exists() == (TERMS in licences)


def test_the_card_says_how_the_data_came_about_and_in_which_languages(tmp_path):
    told = {"annotatorDemographics": ["Two crews.", "No captain."], "dataLimitations": "Only calm days."}
    descriptor = write_tables(tmp_path / "p", "boats", responsibleAI=told, languages=["en-GB", "en-US", "nb"])
    head, text = read_card(build(descriptor, tmp_path / "build"))
    assert head["language"] == ["en", "nb"]
    assert text.endswith("- Annotators: Two crews. No captain.\n- Limits: Only calm days.\n")


def test_the_card_says_what_the_package_is_and_what_each_table_has(tmp_path):
    boats = table(
        "boats", "id\n1\n", [field("id")], primaryKey="id", title="Boats", description="A boat | a\nketch."
    )
    described = {"title": 'Boats: "small"', "description": "What one says.", "keywords": ["sea", "on: off"]}
    head, text = read_card(build(write_package(tmp_path / "p", boats, **described), tmp_path / "build"))
    assert (head["pretty_name"], head["tags"]) == ('Boats: "small"', ["sea", "on: off"])
    assert text.startswith('\n# Boats: "small"\n\nVersion 1.2.3.\n\nWhat one says.\n')
    assert 'load_dataset(FOLDER, "boats", split="train")' in text
    assert "| `boats` | 1 | A boat \\| a ketch. |" in text


def test_a_table_without_rows_has_no_configuration_because_nothing_would_load_it(tmp_path):
    tables = [table(name, text, [field("id")]) for name, text in (("none", "id\n"), ("some", "id\n1\n"))]
    head, text = read_card(build(write_package(tmp_path / "p", *tables), tmp_path / "build"))
    assert [item["config_name"] for item in head["configs"]] == ["some"]
    assert 'load_dataset(FOLDER, "some", split="train")' in text
    assert "| `none` | 0 | none |" in text
    assert text.endswith("so such a table has no configuration.\n")
    assert (
        "no configuration" not in read_card(build(write_tables(tmp_path / "q", "a"), tmp_path / "other"))[1]
    )


def test_a_build_without_parquet_has_no_card(tmp_path, package):
    made = packpress.build(package, tmp_path / "build", formats=["csv", "wheel"])
    assert not (made.folder / "parquet").exists()
