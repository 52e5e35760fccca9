"""The curators' commands, one module each: `python -m scripts.<command> --help`."""

import sys
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


def _missing_packages() -> list[str]:
    """The names of declared dependencies that are not installed."""
    declared = tomllib.loads(Path(__file__).parents[1].joinpath("pyproject.toml").read_text(encoding="utf-8"))
    missing = []
    for requirement in (*declared["project"]["dependencies"], "packpress"):
        name = requirement.split("==")[0]
        try:
            version(name)
        except PackageNotFoundError:
            missing.append(name)
    return missing


# Checked before any command imports them, so that nobody sees a traceback.
if _missing := _missing_packages():
    print(f"Python packages are missing: {', '.join(_missing)}; run make install", file=sys.stderr)
    sys.exit(2)
