"""A strict validator and a publisher for any tabular Data Package.

Read a package, validate it, and build it in every format:

>>> from packpress import build, read_package, validate
>>> package = read_package("fleet")
>>> validate(package).is_valid
True
>>> build(package, "out", formats=["sqlite"]).folder.name
'out'

CannotRunError, whose message is a single line, is raised when the work cannot be done at all. A package with
problems is not built: `build` raises InvalidPackageError, which lists them. Names that are not in `__all__`
are private.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from packpress.api import Build, build, read_package, validate
    from packpress.checks.validation import Report
    from packpress.extension import Extension
    from packpress.package.descriptor import Package
    from packpress.problems import CannotRunError, InvalidPackageError, Problem

__all__ = [
    "Build",
    "CannotRunError",
    "Extension",
    "InvalidPackageError",
    "Package",
    "Problem",
    "Report",
    "build",
    "read_package",
    "validate",
]
# Imported on first use: most of these take a quarter of a second, which `packpress --version` should not pay
# for.
_HOMES = {
    **dict.fromkeys(("Build", "build", "read_package", "validate"), "api"),
    "Report": "checks.validation",
    "Extension": "extension",
    "Package": "package.descriptor",
    **dict.fromkeys(("CannotRunError", "InvalidPackageError", "Problem"), "problems"),
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"packpress.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'packpress' has no attribute '{name}'")


def __dir__() -> list[str]:
    return __all__
