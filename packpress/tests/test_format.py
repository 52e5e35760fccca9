"""`packpress format` says what it changes in a file, and changes nothing when it is run again."""

import pytest
from click.testing import CliRunner
from packpress.cli import main

from invented.packages import field, table, write_package

CANONICAL = "a,b\n1,x\n2,y\n"
FORMS = {
    "no byte order mark": "\ufeff" + CANONICAL,
    "line feeds at line ends": CANONICAL.replace("\n", "\r\n"),
    "a line end after the last line": CANONICAL.removesuffix("\n"),
    "no blank lines": CANONICAL.replace("\n2", "\n\n2"),
    "rows sorted by key": "a,b\n2,y\n1,x\n",
    "quotes only where needed": CANONICAL.replace("x", '"x"'),
    "line feeds at line ends, rows sorted by key": "a,b\r\n2,y\r\n1,x\r\n",
}


def invoke(descriptor, *words):
    return CliRunner().invoke(main, ["format", str(descriptor), *words], catch_exceptions=False)


@pytest.mark.parametrize("what", FORMS)
def test_what_changes_is_said_and_then_nothing_changes(tmp_path, what):
    fields = [field("a", "integer"), field("b")]
    descriptor = write_package(tmp_path, table("t", FORMS[what], fields, primaryKey="a"))
    done = invoke(descriptor, "--check")
    message = f"t.csv: not in canonical form, which requires {what}; run packpress format\n"
    assert (done.exit_code, done.stdout) == (1, message)
    assert invoke(descriptor).stdout == f"t.csv: formatted: {what}\n"
    assert (tmp_path / "t.csv").read_bytes() == CANONICAL.encode()
    assert invoke(descriptor).stdout == "every table is in canonical form\n"


def test_a_table_without_a_header_is_formatted_too(tmp_path):
    item = table("t", "2,y\n1,x\n", [field("a"), field("b")], primaryKey="a", dialect={"header": False})
    assert invoke(write_package(tmp_path, item)).stdout == "t.csv: formatted: rows sorted by key\n"
    assert (tmp_path / "t.csv").read_text() == "1,x\n2,y\n"
