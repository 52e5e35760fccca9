"""What others made is carried as they made it, and says what it is."""

import re

from packpress.publish.archive import hash_file

from tests.conftest import ROOT

VENDOR = ROOT / "src" / "packpress" / "web" / "theme" / "vendor"
ROW = re.compile(r"^\| `(\S+)` \| `(\S+)` (\S+), `(\S+)` \| ([\d,]+) \| `([0-9a-f]{64})` \|$", re.MULTILINE)


def test_every_file_is_the_one_that_the_table_names():
    named = {row[0]: row for row in ROW.findall((VENDOR / "README.md").read_text(encoding="utf-8"))}
    files = {path.relative_to(VENDOR).as_posix() for path in VENDOR.rglob("*") if path.is_file()}
    assert files == {*named, "README.md"}
    for name, (_, _, _, _, size, sha256) in named.items():
        assert (VENDOR / name).stat().st_size == int(size.replace(",", ""))
        assert hash_file(VENDOR / name) == sha256
    assert len({(package, version) for _, package, version, _, _, _ in named.values()}) == 1


def test_the_licences_are_named():
    text = (VENDOR / "README.md").read_text(encoding="utf-8")
    assert "Apache-2.0" in text
    assert "public domain" in text
    head = (VENDOR / "sqlite-wasm" / "sqlite3.js").read_text(encoding="utf-8")[:2000]
    assert "The author disclaims copyright to this source code." in head
