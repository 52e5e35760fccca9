"""The card that makes the folder of Parquet files a data set for Hugging Face and its library `datasets`."""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from packpress.package.descriptor import Package
from packpress.package.licences import read_licences, read_table_licences, read_terms
from packpress.publish.archive import copy_licences, introduce
from packpress.tables.values import Content

CARD = "README.md"
# Licences that the Hub lists, by their names in descriptors.
LISTED = {
    "CC0-1.0": "cc0-1.0",
    "CC-BY-4.0": "cc-by-4.0",
    "CC-BY-SA-4.0": "cc-by-sa-4.0",
    "CC-BY-NC-4.0": "cc-by-nc-4.0",
    "MIT": "mit",
    "Apache-2.0": "apache-2.0",
    "ODbL-1.0": "odbl",
    "PDDL-1.0": "pddl",
    "ODC-PDDL-1.0": "pddl",
    "ODC-BY-1.0": "odc-by",
}
# What the name of a configuration may not have, and what `datasets` reads as a pattern of file names.
REFUSED = r"[<>:/\\|?*]"
PATTERN = r"([*?[])"
LOADING = """\
## Loading

    from datasets import load_dataset

    load_dataset(FOLDER, "{table}", split="train")

`FOLDER` is the path of this folder, or its name on the Hub. The split `train` has all rows of a table.
"""
# What people are told of `responsibleAI`.
ORIGIN = {
    "dataCollection": "Collection",
    "dataAnnotationProtocol": "Annotation",
    "annotatorDemographics": "Annotators",
    "dataBiases": "Known biases",
    "dataLimitations": "Limits",
    "personalSensitiveInformation": "About people",
    "dataUseCases": "Uses",
}
NONE_EMPTY = "`datasets` loads no table without rows, so such a table has no configuration."


def write_card(folder: Path, package: Package, contents: list[Content]) -> None:
    """Writes the card into the folder of the Parquet files, with the licences that the package names."""
    (folder / CARD).write_bytes(render_card(package, contents).encode("utf-8"))
    copy_licences(package, folder)


def render_card(package: Package, contents: Sequence[Content]) -> str:
    """The card in Markdown: first what the Hub reads, as YAML, then what people read.

    >>> from packpress import read_package
    >>> from packpress.tables.values import new_content
    >>> fleet = read_package("fleet")
    >>> boats = new_content(fleet.by_name["boats"], [("ada", "Ada", "1998")])
    >>> print(render_card(fleet, [boats]).partition("\\n#")[0])
    ---
    pretty_name: A small fleet
    configs:
    - config_name: boats
      data_files: boats.parquet
    ---
    <BLANKLINE>
    """
    facts = _list_facts(package, contents)
    head = yaml.safe_dump(facts, sort_keys=False, allow_unicode=True, width=110)
    filled = [content.resource.name for content in contents if len(content)]
    lines = ["---", f"{head}---", "", *introduce(package)]
    lines += [LOADING.format(table=filled[0])] if filled else []
    lines += _list_tables(contents)
    lines += [NONE_EMPTY, ""] if len(filled) < len(contents) else []
    lines += _tell_origin(package)
    return "\n".join(lines)


def _list_facts(package: Package, contents: Iterable[Content]) -> dict[str, Any]:
    facts = {
        "pretty_name": package.title,
        **_describe_licence(package),
        # The Hub lists languages without their regions.
        "language": list(dict.fromkeys(tag.partition("-")[0].lower() for tag in package.languages)),
        "tags": list(package.keywords),
        "configs": list(_list_configurations(contents)),
    }
    return {name: value for name, value in facts.items() if value}


def _list_configurations(contents: Iterable[Content]) -> Iterator[dict[str, str]]:
    """A configuration for each table with rows, called like it as far as `datasets` allows.

    `datasets` refuses to load a table without rows, and calls it a split that corresponds to no data.
    """
    taken: set[str] = set()
    for name in (content.resource.name for content in contents if len(content)):
        called = re.sub(REFUSED, "_", name)
        while called in taken:
            called += "_"
        taken.add(called)
        yield {"config_name": called, "data_files": re.sub(PATTERN, r"[\1]", f"{name}.parquet")}


def _describe_licence(package: Package) -> dict[str, str]:
    """The licence as the Hub has it: one that it lists, or else a name and where to read the terms.

    Copied text and tables with their own terms are exceptions, which no licence of the Hub's list has.
    """
    licences = read_licences(package.licenses)
    of_tables = read_table_licences(package)
    has_exceptions = package.has_copied_text or bool(of_tables)
    if len(licences) == 1 and not has_exceptions and licences[0].name in LISTED:
        return {"license": LISTED[licences[0].name]}
    if not licences:
        return {}
    names = "-and-".join(licence.label.lower() for licence in licences)
    told = (*read_terms(package), *of_tables, *licences)
    # Files beside the card stand before addresses, because they say what the exceptions are.
    links = [item.path for item in told if item.path and "/" not in item.path]
    links += [item.address for item in told if item.address]
    described = {
        "license": "other",
        "license_name": names + ("-with-exceptions" if has_exceptions else ""),
    }
    return described | ({"license_link": links[0]} if links else {})


def _list_tables(contents: Iterable[Content]) -> list[str]:
    lines = ["## Tables", "", "| table | rows | what one row is |", "| --- | ---: | --- |"]
    for content in contents:
        resource = content.resource
        described = " ".join((resource.description or resource.title).replace("|", "\\|").split())
        lines.append(f"| `{resource.name}` | {len(content):,} | {described} |")
    return [*lines, ""]


def _tell_origin(package: Package) -> list[str]:
    """How the data came about and what they are not good for, as far as the descriptor says so."""
    told = [
        (words, package.responsible_ai[name])
        for name, words in ORIGIN.items()
        if name in package.responsible_ai
    ]
    lines = [f"- {words}: {text if isinstance(text, str) else ' '.join(text)}" for words, text in told]
    return ["## How the data came about", "", *lines, ""] if lines else []
