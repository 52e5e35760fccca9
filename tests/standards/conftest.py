"""What the tests of standards share: builds of the real package and of two invented ones, and the tools.

The tools are in environments of their own, which `make test-standards` makes; nothing here passes without them.
"""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from packpress.extension import find_extension
from packpress.publish.build import build_folder

import packpress
from invented.copies import FLEET
from invented.packages import build, field, table, write_library, write_package
from tests.conftest import ROOT

ENVIRONMENTS = ROOT / ".venv-standards"
# The profiles of the standard, which are not copied into the project.
PROFILES = Path(os.environ.get("STANDARDS") or ROOT.parent / "shared" / "standards")
Run = Callable[..., subprocess.CompletedProcess[str]]


# Nothing of the checkout is found by where it lies, and nothing is fetched from the Hub of Hugging Face.
VARIABLES = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
OFFLINE = {"HF_HUB_OFFLINE": "1"}


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Runs a tool of an environment; its output is in the message when it fails."""
    variables = VARIABLES | OFFLINE | {"HF_HOME": str(tmp_path_factory.mktemp("hub"))}

    def start(
        tool: str, *arguments: object, environment: str = "standards", cwd: Path = ROOT
    ) -> subprocess.CompletedProcess[str]:
        place = ENVIRONMENTS / environment / "bin" / tool
        assert place.exists(), f"no {tool} in {place.parent}; run make test-standards"
        line = [str(place), *map(str, arguments)]
        done = subprocess.run(line, capture_output=True, text=True, check=False, cwd=cwd, env=variables)
        assert done.returncode == 0, f"{' '.join(line)}\n{done.stdout}\n{done.stderr}"
        return done

    return start


@pytest.fixture(scope="session")
def profile() -> Path:
    """The standard's profile of a package, version 2.0; the test is skipped where its folder is not."""
    file = PROFILES / "datapackage-2.0" / "datapackage.json"
    if not file.exists():
        pytest.skip(f"no {file}: the profile of github.com/frictionlessdata/datapackage; STANDARDS names it")
    return file


def build_real(folder: Path) -> Path:
    """The real package as everybody gets it: without the running text of its documents."""
    package = packpress.read_package(ROOT)
    report = packpress.validate(package)
    assert report.is_valid
    extension = find_extension(package)
    build_folder(package, report.tables, folder, "quotes", extension, lambda _: None)
    return folder


BARE = """\
code,count,share,open,day,moment,at,note,tags,kind
01,1,0.5,true,2024-02-29,2024-02-29T12:00:00Z,12:30:00,NA,"[1, 2]",2
02,,,,,,,,,
3,9007199254740992,-INF,false,0001-01-01,9999-12-31T23:59:59Z,00:00:00,"null, “no”",[],1
"""


def build_bare(folder: Path) -> Path:
    """A package without any metadata, of a table of many types and gaps, and one without rows."""
    types = "string integer number boolean date datetime time string array integer"
    names = BARE.partition("\n")[0].split(",")
    fields = [field(name, kind) for name, kind in zip(names, types.split(), strict=True)]
    fields[-1]["constraints"] = {"enum": [1, 2]}
    path = write_package(
        folder / "package", table("many", BARE, fields), table("empty.of-rows", "a b\n", [field("a b")])
    )
    raw = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({"resources": raw["resources"]}), encoding="utf-8")
    return build(path, folder / "build")


BUILDS = {
    "real": build_real,
    "invented": lambda folder: build(FLEET / "datapackage.json", folder),
    "odd": lambda folder: build(write_library(folder / "package"), folder / "build"),
    "bare": build_bare,
}


@pytest.fixture(scope="session", params=BUILDS)
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a build of each package."""
    return BUILDS[request.param](tmp_path_factory.mktemp("standards") / request.param)
