"""Documents: JSON and YAML say the same, texts stay texts, and nothing that is said twice is passed over."""

import pytest
from packpress.checks.validation import validate_package
from packpress.package.descriptor import read_descriptor
from packpress.package.document import read_document
from packpress.problems import CannotRunError

from invented.findings import locate_all

WHOLE = """\
name: 2020
title: Yes
version: 1.10
created: 2024-01-26T15:00:00Z
keywords: [no, 1, on]
shared: &kept {type: string}
resources:
  - name: t
    path: t.csv
    description:
    schema:
      missingValues: ["", -99, null]
      fields:
        - {name: no, <<: *kept, constraints: {enum: [no, yes, 2020-01-01]}}
        - name: day
          type: date
          constraints: {minimum: 2020-01-01, required: true}
        - {name: kept, type: boolean, trueValues: [yes, 1], falseValues: [no, 0]}
        - {name: count, type: integer, constraints: {maximum: 7}}
"""


def write(folder, text, name="datapackage.yaml"):
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def test_what_the_standard_wants_as_texts_stays_text(tmp_path):
    raw = read_document(write(tmp_path, WHOLE))
    assert [raw[name] for name in ("name", "title", "version")] == ["2020", "Yes", "1.10"]
    assert raw["created"] == "2024-01-26T15:00:00Z"
    assert raw["keywords"] == ["no", "1", "on"]
    table = raw["resources"][0]
    assert table["description"] is None
    assert table["schema"]["missingValues"] == ["", "-99", "null"]
    own, day, kept, count = table["schema"]["fields"]
    assert own == {"name": "no", "type": "string", "constraints": {"enum": ["no", "yes", "2020-01-01"]}}
    assert day["constraints"] == {"minimum": "2020-01-01", "required": True}
    assert (kept["trueValues"], kept["falseValues"]) == (["yes", "1"], ["no", "0"])
    assert count["constraints"] == {"maximum": 7}


@pytest.mark.parametrize("name", ["datapackage.yaml", "datapackage.yml"])
def test_a_folder_may_hold_a_descriptor_of_yaml(name, tmp_path):
    write(tmp_path, WHOLE, name)
    write(tmp_path, "no,day,kept,count\nyes,2021-01-01,1,7\n-99,2021-01-02,no,8\n", "t.csv")
    assert locate_all(validate_package(read_descriptor(tmp_path))) == ['t.csv:3: count="8": schema/cell']


def test_parts_in_files_of_their_own_may_be_of_yaml(tmp_path):
    write(tmp_path, "fields:\n  - {name: 1, title: no}\n", "schema.yaml")
    write(tmp_path, "delimiter: ;\nquoteChar: '|'\n", "dialect.yml")
    path = write(tmp_path, "resources: [{name: t, path: t.csv, schema: schema.yaml, dialect: dialect.yml}]")
    table = read_descriptor(path).resources[0]
    assert (table.fields[0].name, table.fields[0].title) == ("1", "no")
    assert table.dialect == {"delimiter": ";", "quoteChar": "|"}


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("a.json", '{"name": "p",\n "name": "q", "resources": []}', 2),
        ("a.json", '{"resources": [{"name": "t",\n"data": [{"a": 1},\n{"a": "\\"{", "\\u0061": 2}]}]}', 3),
        (
            "a.json",
            '{"resources": [{"schema": {"fields": [{"name": "a", "constraints": {}}]},\n\n"schema":1}]}',
            3,
        ),
        ("a.yaml", "name: p\nresources: []\nname: q\n", 3),
        ("a.yaml", "resources:\n  - {name: t,\n     path: a,\n     'name': u}\n", 4),
    ],
)
def test_a_key_that_stands_twice_is_refused_with_its_line(name, text, line, tmp_path):
    path = write(tmp_path, text, name)
    with pytest.raises(CannotRunError, match=rf"a\.\w+:{line}: the key \"\w+\" occurs twice in one object"):
        read_document(path)


def test_a_key_may_stand_once_in_each_of_several_objects(tmp_path):
    text = '{"a": [{"b": "\\"b\\": {"}, {"b": {"a": 1}}], "b": "a"}'
    assert read_document(write(tmp_path, text, "a.json"))["b"] == "a"


BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{place}: &a{place} [{', '.join([f'*a{place - 1}'] * 10)}]\n" for place in range(1, 10)
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("name: a\nresources:\n  - b: [\n", "4: not YAML: "),
        ("name: a\nresources:\n\t- b\n", "3: not YAML: "),
        ("[" * 50_000, "1: nested more than 100 levels deep"),
        (BOMB, "6: expands to too many values"),
        ("a: 1\nresources: &a [*a]\n", "2: [*]a refers to nothing before it"),
        ("a: !!python/object/apply:os.getcwd []\n", "1: the tag .* is unknown"),
        ("a: 1\n---\nb: 2\n", "2: a second document begins"),
        ("a: 1\n? [b]\n: 2\n", "2: a key that is not a text"),
    ],
)
def test_yaml_that_cannot_be_read_is_refused_with_its_line(text, expected, tmp_path):
    with pytest.raises(CannotRunError, match=f"yaml:{expected}"):
        read_document(write(tmp_path, text))


@pytest.mark.parametrize("text", ["1e400", "-1e999"])
def test_a_number_that_json_cannot_write_again_is_refused(text, tmp_path):
    path = write(tmp_path, f'{{"name": "p", "resources": [], "n": {text}}}', "datapackage.json")
    with pytest.raises(CannotRunError, match="holds a number that is too large for 64 bits"):
        read_document(path)
