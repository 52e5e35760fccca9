"""The descriptor: what `datapackage.json` declares, as frozen objects that everything else derives from."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from scripts.lib.problems import CannotRunError
from scripts.lib.resource import Resource, build_resource

DEFAULT_DESCRIPTOR = Path("datapackage.json")


@dataclass(frozen=True)
class Package:
    """The whole descriptor, and the folder that its paths are relative to."""

    path: Path
    raw: Mapping[str, Any]
    resources: tuple[Resource, ...]
    derived: tuple[Resource, ...]

    @property
    def root(self) -> Path:
        """Folder that the descriptor stands in."""
        return self.path.parent

    @property
    def name(self) -> str:
        """Name of the package; `package` when none is declared."""
        return str(self.raw.get("name") or "package")

    @property
    def version(self) -> str:
        """Version of the data; `0` when none is declared."""
        return str(self.raw.get("version") or "0")

    @property
    def database_name(self) -> str:
        """Name of the database, in which `-` would be awkward, so that it becomes `_`."""
        return self.name.replace("-", "_")

    @property
    def rule_set(self) -> str:
        """Name of the set of further rules that the package asks to be held to, or nothing."""
        return str((self.raw.get("validation") or {}).get("rules") or "")

    @cached_property
    def by_name(self) -> dict[str, Resource]:
        """Declared and derived tables by name."""
        return {resource.name: resource for resource in (*self.resources, *self.derived)}

    def by_dependency(self) -> list[Resource]:
        """The declared tables, each after those that its foreign keys point to; cycles keep their order."""
        done: dict[str, Resource] = {}

        def visit(resource: Resource, trail: tuple[str, ...]) -> None:
            for key in resource.foreign_keys:
                target = self.by_name.get(key.resource)
                if target and target.name not in done and target.name not in (*trail, resource.name):
                    visit(target, (*trail, resource.name))
            done.setdefault(resource.name, resource)

        for resource in self.resources:
            visit(resource, ())
        return list(done.values())


def read_json(path: Path) -> Any:
    """The JSON document in a file; CannotRunError in one line when there is none."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CannotRunError(f"{path}: no such file; name the descriptor of a data package") from None
    except IsADirectoryError:
        raise CannotRunError(f"{path}: a folder; name the descriptor inside it") from None
    except UnicodeDecodeError as error:
        raise CannotRunError(f"{path}: not UTF-8 at byte {error.start}; save it as UTF-8") from None
    except json.JSONDecodeError as error:
        raise CannotRunError(f"{path}:{error.lineno}: not JSON: {error.msg}; mend the syntax there") from None
    except OSError as error:
        raise CannotRunError(f"{path}: cannot be read: {error.strerror}") from None


def read_descriptor(path: Path) -> Package:
    """The package that a descriptor declares; CannotRunError when its shape cannot be read at all."""
    raw = read_json(path)
    if not isinstance(raw, Mapping) or not isinstance(raw.get("resources"), list):
        raise CannotRunError(f"{path}: no data package: it needs a list named resources")
    try:
        return build_package(path, raw)
    except (KeyError, TypeError, AttributeError) as error:
        raise CannotRunError(
            f"{path}: a resource lacks a name, a schema or the name of a field ({error}); "
            "every resource needs name, path and schema with named fields"
        ) from None


def build_package(path: Path, raw: Mapping[str, Any]) -> Package:
    """The package of an already parsed descriptor; KeyError or TypeError when its shape is not one."""
    return Package(
        path,
        raw,
        tuple(build_resource(item) for item in raw["resources"] if "schema" in item),
        tuple(build_resource(item) for item in raw.get("derived", ())),
    )
