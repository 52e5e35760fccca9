"""Subjects: what a map is about, and in which order its kinds and roles are told."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Subject:
    """A table that has a map: its key, its words, and the roles that its rows have in claims."""

    table: str
    # Address of the map below `/map`.
    path: str
    key: str
    view: str
    title: str
    # One of its rows, as people call it.
    noun: str
    # Expression for the kind of a row.
    kind: str
    # Roles in which the stance of a claim is one on the thing itself, then those in which it is not.
    roles: tuple[str, ...]
    beside: tuple[str, ...]
    # The role that goes without saying.
    plain: str = ""
    # Whether kinds are headings of the map; otherwise they stand below the name.
    has_headings: bool = False

    @property
    def role_filter(self) -> str:
        """Name of the filter of claims by the role of the thing."""
        return f"_{self.key.removesuffix('_id')}_role"


SUBJECTS = {
    subject.table: subject
    for subject in (
        Subject(
            table="conditions",
            path="",
            key="condition_id",
            view="condition_evidence",
            title="Conditions",
            noun="condition",
            kind="things.kind",
            roles=("treated", "recommended", "not_recommended", "studied"),
            beside=("contraindication", "population", "context"),
            plain="treated",
            has_headings=True,
        ),
        Subject(
            table="adverse_effects",
            path="adverse-effects",
            key="adverse_effect_id",
            view="adverse_effects_by_source",
            title="Adverse effects",
            noun="adverse effect",
            kind="things.body_system",
            roles=(),
            beside=("reported", "concern", "managed", "unspecified"),
        ),
        Subject(
            table="routes",
            path="routes",
            key="route_id",
            view="routes_by_source",
            title="Routes",
            noun="route",
            kind="''",
            roles=("for_pain",),
            beside=("other_use", "product_form", "comparator"),
        ),
    )
}
# Conditions that hurt come first; kinds that are not named here follow by name.
KINDS = ("pain_condition", "other_condition", "procedure", "circumstance")


def sort_known(values: Iterable[str], known: tuple[str, ...]) -> list[str]:
    """The values once each, the known ones in their order before the others by name."""
    found = {*values}
    return [value for value in known if value in found] + sorted(found - {*known})
