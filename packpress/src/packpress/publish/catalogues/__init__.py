"""Catalogues: files by which a package is found, cited and loaded elsewhere, derived from its descriptor."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from packpress.package.descriptor import Package
from packpress.publish.archive import copy_licences
from packpress.publish.catalogues.annotations import write_annotations
from packpress.publish.catalogues.bibliography import write_bibliographies
from packpress.publish.catalogues.citation import CITATION, list_uncited, render_citation
from packpress.publish.catalogues.croissant import CROISSANT, render_croissant
from packpress.publish.catalogues.datacite import DATACITE, list_undeposited, render_datacite
from packpress.publish.catalogues.sssom import write_mappings
from packpress.tables.values import Content


@dataclass
class Catalogues:
    """The catalogue files that a build writes into its folder.

    - `zipped`: the files that the zip includes too, by name.
    - `left_out`: a line for each file that is not written, with the reason and what to do.
    """

    folder: Path
    zipped: dict[str, Path] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)

    def write(self, name: str, text: str | Iterable[str], *, in_zip: bool = True) -> None:
        """Writes a file, which the zip includes unless it describes files that are not in the zip.

        A long text can come in parts, which are not kept in memory.
        """
        file = self.folder / name
        file.parent.mkdir(exist_ok=True)
        with file.open("wb") as stream:
            stream.writelines(part.encode("utf-8") for part in ([text] if isinstance(text, str) else text))
        if in_zip:
            self.zipped[name] = file

    def leave_out(self, names: Sequence[str], reason: str) -> None:
        """Notes that files are not written, and why."""
        verb = "is" if len(names) == 1 else "are"
        self.left_out.append(f"{' and '.join(names)} {verb} left out: {reason}")


def write_catalogues(
    folder: Path, package: Package, contents: list[Content], formats: Collection[str]
) -> Catalogues:
    """Writes the catalogue files of a package into the folder of a build, beside its Parquet files.

    `contents` are the tables as published, and `formats` the formats that the build has.
    """
    catalogues = Catalogues(folder)
    copy_licences(package, folder)
    _write_citations(catalogues, package, contents, formats)
    if "parquet" in formats:
        # The zip has no Parquet files, and so no description of them.
        catalogues.write(CROISSANT, render_croissant(package, contents, folder), in_zip=False)
    else:
        catalogues.leave_out(
            [CROISSANT], "it describes Parquet files, and none are built; add the format parquet"
        )
    # What tables are declared to be, so that a package without such tables has none of these.
    by_name = {content.resource.name: content for content in contents}
    for write in (write_bibliographies, write_mappings, write_annotations):
        for name, text in write(package, by_name):
            catalogues.write(name, text)
    return catalogues


def _write_citations(
    catalogues: Catalogues, package: Package, contents: list[Content], formats: Collection[str]
) -> None:
    """Writes what says whom to cite, unless the descriptor does not say so."""
    lacking = {CITATION: list_uncited(package), DATACITE: list_undeposited(package)}
    if not lacking[CITATION]:
        catalogues.write(CITATION, render_citation(package))
    if not lacking[DATACITE]:
        catalogues.write(DATACITE, render_datacite(package, contents, formats))
    names = [name for name, missing in lacking.items() if missing]
    if names:
        missing = ", ".join(dict.fromkeys(one for name in names for one in lacking[name]))
        catalogues.leave_out(names, f"the descriptor lacks {missing}; add what it lacks")
