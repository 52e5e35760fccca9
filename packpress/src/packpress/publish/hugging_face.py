"""The card that makes the folder of Parquet files a data set for Hugging Face and its library `datasets`."""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from packpress.package.descriptor import Package
from packpress.publish.archive import introduce, list_licences, read_carried_file
from packpress.publish.values import Content

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
NONE_EMPTY = "`datasets` loads no table without rows, so such a table has no configuration."


def write_card(folder: Path, package: Package, contents: list[Content]) -> None:
    """Writes the card into the folder of the Parquet files, with the licences that the package names."""
    (folder / CARD).write_bytes(render_card(package, contents).encode("utf-8"))
    for path in list_licences(package):
        file = folder / _place_licence(path)
        if not file.exists():
            file.write_bytes(read_carried_file(package.root, path))


def _place_licence(path: str) -> str:
    """The name of a licence's file beside the card."""
    return PurePosixPath(path).name


def render_card(package: Package, contents: Sequence[Content]) -> str:
    """The card in Markdown: first what the Hub reads, as YAML, then what people read.

    >>> from packpress import read_package
    >>> from packpress.publish.values import new_content
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
    return "\n".join(lines)


def _list_facts(package: Package, contents: Iterable[Content]) -> dict[str, Any]:
    facts = {
        "pretty_name": package.title,
        **_describe_licence(package),
        # The Hub lists languages without their regions.
        "language": list(dict.fromkeys(tag.partition("-")[0].lower() for tag in ())),
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
    """The licence as the Hub has it: one that it lists, or else a name and where to read the terms."""
    return {}


def _list_tables(contents: Iterable[Content]) -> list[str]:
    lines = ["## Tables", "", "| table | rows | what one row is |", "| --- | ---: | --- |"]
    for content in contents:
        resource = content.resource
        described = " ".join((resource.description or resource.title).replace("|", "\\|").split())
        lines.append(f"| `{resource.name}` | {len(content):,} | {described} |")
    return [*lines, ""]
