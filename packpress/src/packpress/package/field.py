"""Fields: what the descriptor declares about one column."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Field:
    """One column: its type, its constraints, and how it is described to readers."""

    raw: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Name of the column in every format."""
        return str(self.raw["name"])

    @property
    def type(self) -> str:
        """Table Schema type; `string` when none is declared in v1, as the standard says."""
        return str(self.raw.get("type", "string"))

    @property
    def format(self) -> str:
        """Format of the type; older versions of the standard put `fmt:` before it."""
        return str(self.raw.get("format") or "default").removeprefix("fmt:")

    @property
    def title(self) -> str:
        """Name for people; the column's name when no title is declared."""
        return str(self.raw.get("title", self.name))

    @property
    def description(self) -> str:
        """One sentence that says what the column holds, or nothing."""
        return str(self.raw.get("description", ""))

    @property
    def constraints(self) -> Mapping[str, Any]:
        """Constraints of Table Schema as declared."""
        return self.raw.get("constraints") or {}

    @property
    def is_required(self) -> bool:
        """Whether a cell may not be missing."""
        return bool(self.constraints.get("required"))

    @property
    def is_unique(self) -> bool:
        """Whether no two cells may hold the same value."""
        return bool(self.constraints.get("unique"))

    @property
    def enum(self) -> tuple[Any, ...]:
        """The allowed values in declared order; empty when any value is allowed."""
        return tuple(self.constraints.get("enum") or ())

    @property
    def categories(self) -> tuple[Any, ...]:
        """The values of the categories in declared order, labels left out; empty when there are none."""
        declared = self.raw.get("categories") or ()
        return tuple(item.get("value") if isinstance(item, Mapping) else item for item in declared)

    @property
    def choices(self) -> tuple[Any, ...]:
        """The values of a closed list, declared either way; those of `enum` are among the categories."""
        return self.enum or self.categories

    @property
    def enum_descriptions(self) -> Mapping[str, str]:
        """What each allowed value means."""
        return self.raw.get("enumDescriptions") or {}

    @property
    def labels(self) -> Mapping[Any, str]:
        """What the categories that have a label are called."""
        declared = [item for item in self.raw.get("categories") or () if isinstance(item, Mapping)]
        return {item.get("value"): item["label"] for item in declared if "label" in item}

    @property
    def verbatim(self) -> str:
        """`quote` or `document` for a source's own words, and nothing for ours."""
        return str(self.raw.get("verbatim", ""))

    @property
    def empty_counts_as(self) -> Any:
        """What a missing cell is compared as in unique keys; None when it differs from every other."""
        return self.raw.get("emptyCountsAs")

    @property
    def is_printed(self) -> bool:
        """Whether the cell is copied as printed: a source's own words, or a bibliographic fact."""
        return bool(self.verbatim or self.raw.get("printed"))
