"""Licences of a package or a table, and what they cover: text copied from a source often has other terms."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from packpress.package.descriptor import Package
from packpress.package.resource import Declared

# Identifiers of common licences of data in the SPDX list, which catalogues know by name. Descriptors may have
# other names, such as `other-open`.
SPDX = re.compile(
    r"CC0-1\.0|CC-BY(?:-NC)?(?:-SA|-ND)?-[1-4]\.[05]|ODbL-1\.0|ODC-By-1\.0|PDDL-1\.0|CDLA-[\w-]+-[12]\.0"
    r"|OGL-UK-[1-3]\.0|etalab-2\.0|DL-DE-(?:BY|ZERO)-2\.0|MIT|MIT-0|Apache-2\.0|BSD-[23]-Clause|ISC|0BSD|Unlicense"
)
# How a descriptor marks terms that are for copied text alone.
OF_COPIED_TEXT = "verbatim"
# What holds for copied text when the descriptor says no more.
NOT_LICENSED = "The licences do not cover text copied from sources"


@dataclass(frozen=True)
class Licence(Declared):
    """One licence, as the standard defines it, with our property for terms of copied text.

    >>> licence = Licence({"name": "CC0-1.0", "path": "LICENSE"})
    >>> licence.title, licence.address, licence.spdx
    ('CC0-1.0', '', 'CC0-1.0')
    """

    @property
    def name(self) -> str:
        """The short name, or the empty string."""
        return str(self.raw.get("name") or "")

    @property
    def title(self) -> str:
        """The title; the name or else the path when no title is declared."""
        return str(self.raw.get("title") or self.name or self.path)

    @property
    def path(self) -> str:
        """The address of the text of the licence, or its path below the descriptor; or the empty string."""
        return str(self.raw.get("path") or "")

    @property
    def address(self) -> str:
        """The address on the web; the empty string when the text is a local file or there is none."""
        return self.path if "://" in self.path else ""

    @property
    def spdx(self) -> str:
        """The identifier in the SPDX list, or the empty string when the name is not one that we know."""
        return self.name if SPDX.fullmatch(self.name) else ""

    @property
    def is_of_copied_text(self) -> bool:
        """Whether these are terms for what is marked verbatim, and not a licence of the rest."""
        return self.raw.get("appliesTo") == OF_COPIED_TEXT

    def __str__(self) -> str:
        return f"{self.title} ({self.path})" if self.path not in ("", self.title) else self.title


def read_licences(declared: Iterable[Mapping[str, Any]]) -> tuple[Licence, ...]:
    """The licences of what we may license: all but the terms of copied text."""
    return tuple(item for item in map(Licence, declared) if not item.is_of_copied_text)


def read_terms(package: Package) -> tuple[Licence, ...]:
    """The terms of text copied from sources, which the licences do not cover; empty without such text.

    >>> from packpress import read_package
    >>> read_terms(read_package("fleet"))
    ()
    """
    if not package.has_copied_text:
        return ()
    declared = tuple(item for item in map(Licence, package.licenses) if item.is_of_copied_text)
    return declared or (Licence({"title": NOT_LICENSED}),)
