"""Builds as people load them: the wheel in a fresh environment, the folder of Parquet, and the files of a site."""

import json
import re
import subprocess
import zipfile
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.conftest import ROOT
from tests.site_client import serve_build
from tests.standards.conftest import build_real

LOADERS = Path(__file__).parent / "loaders"
PAGE = (ROOT / "docs" / "using-the-data.md").read_text(encoding="utf-8")


def count_rows(built: Path) -> dict[str, int]:
    """The rows of each table of a build, by its Parquet files."""
    return {file.stem: pq.read_metadata(file).num_rows for file in (built / "parquet").glob("*.parquet")}


@pytest.fixture(scope="session")
def fresh(run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of a new environment, which has what the wheel needs, at the versions of the lock, and no packpress."""
    folder = tmp_path_factory.mktemp("fresh")
    run("python", "-m", "venv", folder, environment="loading")
    asked = "import sysconfig; print(sysconfig.get_path('purelib'))"
    needed = run("python", "-c", asked, environment="loading").stdout
    python = folder / "bin" / "python"
    own = subprocess.run([str(python), "-c", asked], capture_output=True, text=True, check=True).stdout
    Path(own.strip(), "needed.pth").write_text(needed, encoding="utf-8")
    return python


def test_the_wheel_loads_every_table_in_a_fresh_environment(built, fresh, tmp_path):
    (wheel,) = built.glob("*.whl")

    def start(*words: object) -> str:
        done = subprocess.run(
            [str(fresh), *map(str, words)], capture_output=True, text=True, check=False, cwd=tmp_path
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    # What it requires is there already, so nothing is downloaded.
    start("-m", "pip", "install", "--no-index", wheel)
    start("-m", "pip", "check")
    with zipfile.ZipFile(wheel) as archive:
        (module,) = (name.split("/")[0] for name in archive.namelist() if name.endswith("/py.typed"))
    assert json.loads(start(LOADERS / "load_wheel.py", module, built)) == count_rows(built)


def test_datasets_loads_every_configuration_without_a_network(built, run):
    done = run("python", LOADERS / "load_data_set.py", built / "parquet", environment="loading")
    # It refuses to load a table without rows.
    assert json.loads(done.stdout) == {name: rows for name, rows in count_rows(built).items() if rows}


def test_duckdb_reads_parts_of_served_files(built, run):
    (database,) = built.glob("*.db")
    rows = count_rows(built)
    with serve_build(built) as address:
        query = (LOADERS / "query_served.py", address, database.stem, *rows)
        told = json.loads(run("python", *query, environment="loading").stdout)
    assert told == {
        "counts": {name: [number, number] for name, number in rows.items()},
        "statuses": ["PartialContent_206"],
    }


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_real(tmp_path_factory.mktemp("documented") / "build")


def find_blocks(language: str, needed: str) -> list[str]:
    """The blocks of the page that need something which only the environment of loaders has."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    found = [text for text in blocks if needed in text]
    assert found
    return found


@pytest.mark.parametrize("code", find_blocks("python", "import load_dataset"))
def test_what_the_page_says_of_datasets_runs(code, real, run):
    run("python", "-c", code, environment="loading", cwd=real)


@pytest.mark.parametrize("query", find_blocks("duckdb", "'http://"))
def test_what_the_page_asks_of_a_site_is_answered(query, real, run):
    with serve_build(real) as address:
        written = query.replace("http://127.0.0.1:8001", address)
        run("python", LOADERS / "run_query.py", written, environment="loading")
