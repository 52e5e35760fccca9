"""Catalogues by the tools of those who read them: each is valid, and what it describes can be loaded."""

import json
import re
import zipfile
from pathlib import Path
from urllib.parse import quote
from urllib.request import urlopen

import pytest

from tests.conftest import ROOT
from tests.site_client import serve_build

LOADERS = Path(__file__).parent / "loaders"


def test_the_croissant_is_valid(built, run):
    done = run("mlcroissant", "validate", "--jsonld", built / "croissant.json")
    assert "Done." in done.stderr
    warned = [line for line in done.stderr.splitlines() if "is recommended" in line]
    # The invented packages lack a licence or more, and nothing stands in for it.
    assert not warned or "license" not in read_croissant(built)


@pytest.mark.parametrize("built", ["real"], indirect=True)
def test_the_lines_of_the_documentation_run(built, run):
    text = (ROOT / "docs" / "using-the-data.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"^```croissant\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    run("python", "-c", code.replace('"croissant.json"', repr(str(built / "croissant.json"))))


def is_described(built):
    """Whether the package of a build says who made it."""
    return "creator" in read_croissant(built)


def read_croissant(built):
    return json.loads((built / "croissant.json").read_text(encoding="utf-8"))


def test_every_record_set_of_one_croissant_is_what_its_parquet_holds(built, run):
    """Validating is not loading."""
    done = run("python", LOADERS / "load_croissant.py", built / "croissant.json", built / "parquet")
    loaded = json.loads(done.stdout)
    tables = {quote(file.stem, safe="") for file in (built / "parquet").iterdir()}
    assert tables <= loaded.keys()
    assert len(loaded) == len(read_croissant(built)["recordSet"])


@pytest.mark.parametrize("built", ["real", "odd"], indirect=True)
def test_a_served_croissant_loads_from_its_address(built, run):
    with serve_build(built) as address:
        run("python", LOADERS / "load_croissant.py", f"{address}/-/croissant.json", built / "parquet")


def test_the_deposit_is_valid(built, run):
    # A package that says neither who made it nor when has none.
    assert (built / "datacite.json").exists() == is_described(built)
    if is_described(built):
        run("python", LOADERS / "validate_datacite.py", built / "datacite.json")


def test_the_citation_is_valid(built, run):
    assert (built / "CITATION.cff").exists() == is_described(built)
    if is_described(built):
        run("check-jsonschema", "--builtin-schema", "vendor.citation-file-format", built / "CITATION.cff")


def test_the_committed_citation_is_valid(run):
    run("check-jsonschema", "--builtin-schema", "vendor.citation-file-format", ROOT / "CITATION.cff")


def test_the_descriptors_fit_the_profile_of_the_standard(built, run, profile, tmp_path):
    with zipfile.ZipFile(next(built.glob("*.zip"))) as archive:
        archive.extract("datapackage.json", tmp_path)
    with serve_build(built) as address, urlopen(f"{address}/-/datapackage.json") as served:
        (tmp_path / "served.json").write_bytes(served.read())
    files = (tmp_path / "datapackage.json", tmp_path / "served.json", ROOT / "datapackage.json")
    run("check-jsonschema", "--schemafile", profile, *files)
