"""The citation file of a package, in the Citation File Format."""

import json
from collections.abc import Iterator
from typing import Any

from packpress.package.contributors import Contributor, list_creators
from packpress.package.descriptor import Package
from packpress.package.licences import read_licences
from packpress.publish.catalogues.schema_org import state_rights, without_empty

CITATION = "CITATION.cff"
MADE_BY = "Derived from datapackage.json by `packpress generate`; edit that file, not this one."
MESSAGE = "If you use these data, please cite them as below."


def list_uncited(package: Package) -> list[str]:
    """What the descriptor lacks for a citation, in words: a citation needs somebody to cite."""
    return [] if list_creators(package.contributors) else ["a creator (contributors)"]


def render_citation(package: Package) -> str:
    """The text of CITATION.cff 1.2.0, with the creators of the package as authors.

    A licence is named only where it covers the whole package: repositories take it as that of every word.

    >>> from packpress import read_package
    >>> print(render_citation(read_package("fleet")).splitlines()[4])
    title: "A small fleet"
    """
    properties = {
        "title": package.title,
        "version": package.declared_version,
        "doi": package.doi,
        "authors": [_describe_author(person) for person in list_creators(package.contributors)],
        "date-released": package.created[:10],
        "license": _find_licence(package),
        "url": package.homepage,
        "repository": package.repository,
        "abstract": package.description,
        "keywords": [*package.keywords],
    }
    message = f"{MESSAGE} {state_rights(package)}" if package.has_copied_text else MESSAGE
    lines = [f"# {MADE_BY}", "cff-version: 1.2.0", f"message: {_quote(message)}", "type: dataset"]
    for name, value in without_empty(properties).items():
        lines += _write_list(name, value) if isinstance(value, list) else [f"{name}: {_quote(value)}"]
    return "\n".join(lines) + "\n"


def _find_licence(package: Package) -> str:
    """The SPDX identifier of the one licence that covers the whole package, or the empty string."""
    licences = read_licences(package.licenses)
    has_others = package.has_copied_text or any(item.licenses for item in package.listed)
    return licences[0].spdx if len(licences) == 1 and not has_others else ""


def _describe_author(person: Contributor) -> dict[str, Any]:
    name = (
        {
            "given-names": person.given_name,
            "family-names": person.family_name,
            "affiliation": person.organization,
        }
        if person.has_personal_name
        else {"name": person.name}
    )
    address = {"orcid": person.orcid} if person.orcid else {"website": person.address}
    return without_empty({**name, "email": person.email, **address})


def _write_list(name: str, items: list[Any]) -> Iterator[str]:
    yield f"{name}:"
    for item in items:
        pairs = [f"{key}: {_quote(value)}" for key, value in item.items()] if isinstance(item, dict) else []
        first, *more = pairs or [_quote(item)]
        yield f"  - {first}"
        yield from (f"    {line}" for line in more)


def _quote(text: str) -> str:
    """The text as a YAML scalar in double quotes."""
    return json.dumps(text, ensure_ascii=False)
