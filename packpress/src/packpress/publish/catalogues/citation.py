"""The citation file of a package, in the Citation File Format."""

import json

from packpress.package.descriptor import Package

CITATION = "CITATION.cff"
MADE_BY = "Derived from datapackage.json by `packpress generate`; edit that file, not this one."


def render_citation(package: Package) -> str:
    """The text of CITATION.cff 1.2.0, with the contributors of the package as authors.

    >>> from packpress import read_package
    >>> print(render_citation(read_package("fleet")).splitlines()[4])
    title: "A small fleet"
    """
    lines = [
        f"# {MADE_BY}",
        "cff-version: 1.2.0",
        "message: If you use these data, please cite them as below.",
        "type: dataset",
        f"title: {json.dumps(package.title, ensure_ascii=False)}",
        f"version: {json.dumps(package.version)}",
        "authors:",
        *(f"  - name: {json.dumps(name, ensure_ascii=False)}" for name in list_authors(package)),
    ]
    if package.created:
        lines.append(f"date-released: {json.dumps(package.created[:10])}")
    lines += [f"license: {licence['name']}" for licence in package.licenses[:1]]
    if package.homepage:
        lines.append(f"url: {json.dumps(package.homepage)}")
    lines.append(f"abstract: {json.dumps(package.description, ensure_ascii=False)}")
    if package.keywords:
        lines += ["keywords:", *(f"  - {json.dumps(word)}" for word in package.keywords)]
    return "\n".join(lines) + "\n"


def list_authors(package: Package) -> list[str]:
    """The names of the contributors; without any, there is nobody to cite."""
    names = (
        str(
            person.get("title") or " ".join(str(person.get(key) or "") for key in ("givenName", "familyName"))
        )
        for person in package.contributors
    )
    return [name for name in names if name.strip()]
