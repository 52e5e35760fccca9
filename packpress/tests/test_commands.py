"""The commands as a person meets them: what they print, and how they end."""

import json
import re
import socket
import subprocess
import sys
import zipfile

import pytest
from packpress.cli import main as packpress_command
from packpress.transaction import write_file

from invented.commands import invoke
from invented.findings import findings
from invented.packages import field, table, write_package
from packpress import CannotRunError
from tests.conftest import ROOT

VERBS = list(packpress_command.commands)


@pytest.mark.parametrize("command", VERBS)
def test_every_command_explains_itself(command):
    done = invoke(command, "--help")
    assert done.returncode == 0
    assert "Usage:" in done.stdout
    assert f"Examples:\n    packpress {command}" in done.stdout


@pytest.mark.parametrize("command", ["validate", "build", "format", "generate", "workbook"])
def test_a_missing_descriptor_is_one_line(command, tmp_path):
    done = invoke(command, str(tmp_path / "datapackage.json"))
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "no such file; name the descriptor of a data package" in done.stderr


# What only other commands and options use, and what judges a descriptor that departs from the profile.
UNUSED = {
    "frictionless",
    "pandas",
    "datasette",
    "sqlite3",
    "jsonschema",
    "yaml",
    "regex",
    "ssl",
    "http",
    "xlsxwriter",
}


@pytest.mark.parametrize("args", [["validate"], ["validate", "--format", "json"]])
def test_nothing_is_imported_that_validating_does_not_use(args, package_copy):
    script = (
        "import sys\nfrom packpress.cli import main\n"
        "try:\n    main(sys.argv[1:])\n"
        "finally:\n    print(*{name.split('.')[0] for name in sys.modules}, file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *args, str(package_copy.descriptor)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    imported = set(done.stderr.splitlines()[-1].split())
    assert "packpress" in imported
    assert not imported & UNUSED


def test_json_reports_what_text_reports(package_copy):
    package_copy.edit("kinds", "whale", definition="")
    done = invoke("validate", str(package_copy.descriptor), "--format", "json")
    assert done.returncode == 1
    report = json.loads(done.stdout)
    assert report["valid"] is False
    assert [problem["field"] for problem in report["problems"]] == ["definition"]
    assert {table["name"] for table in report["tables"]} == {
        resource.name for resource in package_copy.read().resources
    }


def test_github_points_at_the_line(package_copy):
    package_copy.edit("kinds", "whale", definition="")
    done = invoke("validate", str(package_copy.descriptor), "--format", "github")
    file = package_copy.root / "data" / "kinds.csv"
    expected = f'::error file={file},line=6,title=schema/cell::data/kinds.csv:6: definition="": '
    assert any(line.startswith(expected) for line in done.stdout.splitlines())


def test_a_truncated_file_is_one_problem(package_copy):
    file = package_copy.file("sightings")
    data = file.read_bytes()
    file.write_bytes(data[: data.index(b'"') + 5])
    (found,) = findings(package_copy)
    assert re.fullmatch(r"data/sightings\.csv:[0-9]+: file/quotes", found)


def test_a_missing_table_is_one_problem(package_copy):
    package_copy.file("sightings").unlink()
    assert findings(package_copy) == ["data/sightings.csv: file/unreadable"]


def test_a_wrong_header_is_one_problem(package_copy):
    file = package_copy.file("ports")
    file.write_bytes(file.read_bytes().replace(b"label", b"lable", 1))
    assert findings(package_copy) == ["data/ports.csv:1: file/header"]


def test_a_file_nobody_declares_is_a_problem(package_copy):
    (package_copy.root / "data" / "sightings-copy.csv").write_text("a\n")
    assert findings(package_copy) == ["data/sightings-copy.csv: file/unnamed"]


def test_a_misspelt_key_of_the_descriptor_is_named(package_copy):
    text = package_copy.descriptor.read_text(encoding="utf-8")
    package_copy.descriptor.write_text(text.replace('"keywords"', '"keyword"'), encoding="utf-8")
    assert findings(package_copy) == ['datapackage.json: descriptor/unknown, offers "keywords"']


def test_format_makes_canonical_and_then_nothing(package_copy):
    file = package_copy.file("ports")
    canonical = file.read_bytes()
    head, *rows = canonical.decode("utf-8").splitlines()
    file.write_bytes("\r\n".join([head, *reversed(rows)]).encode("utf-8"))
    descriptor = str(package_copy.descriptor)
    assert invoke("format", descriptor, "--check").returncode == 1
    said = "line feeds at line ends, a line end after the last line, rows sorted by key"
    assert invoke("format", descriptor).stdout == f"data/ports.csv: formatted: {said}\n"
    assert file.read_bytes() == canonical
    assert invoke("format", descriptor).stdout == "every table is in canonical form\n"


def test_format_refuses_a_row_it_would_damage(package_copy):
    file = package_copy.file("ports")
    broken = file.read_bytes() + b"riga,riga\n"
    file.write_bytes(broken)
    done = invoke("format", str(package_copy.descriptor))
    assert done.returncode == 2
    assert done.stderr == "data/ports.csv:7: has 2 cells, not 7; correct the row first\n"
    assert file.read_bytes() == broken


def test_what_packpress_derives_for_editors_is_up_to_date():
    file = ROOT / "docs" / "datapackage.schema.json"
    done = invoke("schema", "--output", str(file), "--check")
    assert (done.returncode, done.stdout) == (0, "every derived file is up to date\n")
    assert invoke("schema").stdout == file.read_text(encoding="utf-8")


def test_a_stale_schema_is_noticed(tmp_path):
    file = tmp_path / "s.json"
    done = invoke("schema", "--output", str(file), "--check")
    assert done.returncode == 1
    assert done.stdout.endswith("s.json: stale; run packpress schema\n")
    assert not file.exists()
    assert invoke("schema", "--output", str(file)).returncode == 0
    assert invoke("schema", "--output", str(file), "--check").returncode == 0
    done = invoke("schema", "--check")
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == "Error: --check compares a file; name it with --output"


def test_a_package_without_people_has_nobody_to_cite(tmp_path):
    descriptor = write_package(tmp_path, table("t", "a\nx\n", [field("a")]))
    assert invoke("generate", str(tmp_path)).stdout.splitlines() == [
        "metadata.yml: written",
        "docs/data-dictionary.md: written",
    ]
    raw = json.loads(descriptor.read_text())
    descriptor.write_text(json.dumps(raw | {"contributors": [{"givenName": "A.", "familyName": "Crew"}]}))
    assert invoke("generate", str(tmp_path)).stdout.splitlines()[-1] == "CITATION.cff: written"
    assert '  - given-names: "A."\n    family-names: "Crew"\n' in (tmp_path / "CITATION.cff").read_text()


def test_a_folder_stands_for_its_descriptor(tmp_path):
    write_package(tmp_path, table("t", "a\nx\n", [field("a")]))
    assert invoke("validate", str(tmp_path)).stdout.splitlines()[-1] == "valid: 1 table, 1 row"


@pytest.mark.long
def test_the_version_of_the_tool_is_in_no_output(built):
    line = [sys.executable, "-m", "packpress", "--version"]
    done = subprocess.run(line, capture_output=True, text=True, check=True)
    assert re.fullmatch(r"packpress \d+\.\d+\.\d+\n", done.stdout)
    for name in ("README.md", "datapackage.json"):
        with zipfile.ZipFile(next(built.glob("*.zip"))) as archive:
            assert "packpress" not in archive.read(name).decode("utf-8")


def test_what_packpress_has_no_verb_for_is_a_few_lines():
    done = subprocess.run(
        [sys.executable, "-m", "packpress", "validat"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr.count("\n") <= 5
    assert "No such command 'validat'" in done.stderr


def test_a_stale_derived_file_is_noticed(package_copy):
    package_copy.add_sql()
    invoke("generate", str(package_copy.descriptor))
    (package_copy.root / "metadata.yml").write_text("title: old\n")
    done = invoke("generate", str(package_copy.descriptor), "--check")
    assert done.returncode == 1
    assert done.stdout == "metadata.yml: stale; run packpress generate\n"


def test_a_taken_port_is_one_line(built):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = invoke("serve", built, "--port", port)
    assert done.returncode == 2
    assert done.stderr == f"port {port}: Address already in use; choose another with --port\n"


def test_an_address_that_is_none_is_one_line(built):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    done = invoke("serve", built, "--port", port, "--site", "javascript:x")
    assert done.returncode == 2
    assert done.stderr == 'site="javascript:x": not a web address; write it as https://example.org/\n'


def test_serving_before_building_is_one_line(tmp_path):
    for verb in ("serve", "static"):
        done = invoke(verb, tmp_path)
        assert done.returncode == 2
        assert (
            done.stderr == f"{tmp_path}: contains no site.json; name a folder that `packpress build` wrote\n"
        )
        done = invoke(verb, tmp_path / "nowhere")
        assert done.returncode == 2
        assert done.stderr == f"{tmp_path}/nowhere: no such folder; name one that `packpress build` wrote\n"


def test_a_file_that_cannot_be_written_is_named_and_kept(tmp_path):
    (tmp_path / "folder").write_text("in the way")
    with pytest.raises(CannotRunError, match=r"ports\.csv: cannot be written: .*; it is unchanged$"):
        write_file(tmp_path / "folder" / "ports.csv", b"")
    file = tmp_path / "kept.csv"
    file.write_text("old")
    with pytest.raises(TypeError):
        write_file(file, "not bytes")  # type: ignore[arg-type]
    assert file.read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "kept.csv"]
