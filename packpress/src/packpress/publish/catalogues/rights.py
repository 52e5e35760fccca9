"""Rights in the exports of a table: the licence that has an address, and what it does not cover, in words."""

from packpress.package.descriptor import Package
from packpress.package.profile import is_url
from packpress.package.resource import Resource
from packpress.publish.archive import describe_edition, describe_licences


def find_licence(package: Package, resource: Resource) -> str:
    """The address of the licence of a table, or the empty string.

    A table with licences of its own has only those; the licence of the package says nothing of it.
    """
    places = (str(licence.get("path") or "") for licence in resource.licenses or package.licenses)
    return next(filter(is_url, places), "")


def describe_rights(package: Package, resource: Resource) -> str:
    """What the licences of a table are, and that they do not cover the words of sources; empty if unknown."""
    licences = describe_licences(package, resource)
    return " ".join(filter(None, (licences, describe_edition(package))))


def list_creators(package: Package) -> list[str]:
    """The names of those who made the package, as declared."""
    return [
        str(body["title"])
        for body in package.contributors
        if body.get("title") and "creator" in (body.get("roles") or ("creator",))
    ]
