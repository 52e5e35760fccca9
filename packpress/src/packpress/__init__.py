"""A strict validator and a publisher for any tabular Data Package.

>>> from packpress import build, read_package, validate

What cannot be done at all is raised as CannotRunError, whose message is one line; a package with problems is
not built, and InvalidPackageError lists them. What is not named in `__all__` is private.
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
# Imported when somebody asks for them: most take a quarter of a second, which `--version` should not.
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
