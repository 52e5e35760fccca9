"""Contributors of a package: whom to cite, and who publishes it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from packpress.package.resource import Declared

CREATORS = frozenset({"creator", "author"})
# An identifier of a person in the register of ORCID: https://support.orcid.org/hc/en-us/articles/360006897674
ORCID = re.compile(r"https?://orcid\.org/(\d{4}-\d{4}-\d{4}-\d{3}[\dX])/?")


@dataclass(frozen=True)
class Contributor(Declared):
    """A person or a body, as the standard defines them.

    >>> person = Contributor({"givenName": "Ada", "familyName": "Crew", "role": "author"})
    >>> person.name, person.is_person, person.roles
    ('Ada Crew', True, ('author',))
    """

    @property
    def name(self) -> str:
        """The title, or else the given name and the family name; empty when there is neither."""
        parts = filter(None, (self.given_name, self.family_name))
        return str(self.raw.get("title") or " ".join(parts)).strip()

    @property
    def given_name(self) -> str:
        """The given name, or the empty string."""
        return str(self.raw.get("givenName") or "")

    @property
    def family_name(self) -> str:
        """The family name, or the empty string."""
        return str(self.raw.get("familyName") or "")

    @property
    def has_personal_name(self) -> bool:
        """Whether a given name or a family name is declared."""
        return bool(self.given_name or self.family_name)

    @property
    def is_person(self) -> bool:
        """Whether it has a personal name or an ORCID iD. A title alone may be that of a body."""
        return self.has_personal_name or bool(self.orcid)

    @property
    def orcid(self) -> str:
        """The address that is an ORCID iD, or the empty string.

        >>> Contributor({"title": "A. Crew", "path": "http://orcid.org/0000-0002-1825-0097"}).orcid
        'https://orcid.org/0000-0002-1825-0097'
        """
        found = ORCID.fullmatch(self.address)
        return f"https://orcid.org/{found[1]}" if found else ""

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles; version 1 of the standard has only one."""
        role = self.raw.get("role")
        return tuple(map(str, self.raw.get("roles") or ([role] if role else ())))

    @property
    def address(self) -> str:
        """The address of a page about the contributor, or the empty string."""
        return str(self.raw.get("path") or "")

    @property
    def email(self) -> str:
        """The e-mail address, or the empty string."""
        return str(self.raw.get("email") or "")

    @property
    def organization(self) -> str:
        """The body to which a person belongs, or the empty string."""
        return str(self.raw.get("organization") or "")


def read_contributors(declared: Iterable[Mapping[str, Any]]) -> tuple[Contributor, ...]:
    """The contributors that have a name."""
    return tuple(person for person in map(Contributor, declared) if person.name)


def list_creators(declared: Iterable[Mapping[str, Any]]) -> tuple[Contributor, ...]:
    """Those whom a citation names: creators and authors, or those without any role when nobody is either.

    >>> people = [{"title": "A. Crew"}, {"title": "Quay", "role": "publisher"}]
    >>> [person.name for person in list_creators(people)]
    ['A. Crew']
    """
    people = read_contributors(declared)
    return tuple(person for person in people if CREATORS & {*person.roles}) or tuple(
        person for person in people if not person.roles
    )


def list_publishers(declared: Iterable[Mapping[str, Any]]) -> tuple[Contributor, ...]:
    """Those who publish the package, as their roles say."""
    return tuple(person for person in read_contributors(declared) if "publisher" in person.roles)
