"""A package of any size, made from the real one: the same five documents, each repeated.

Passages, claims, and their links and relations are repeated; entities and references are not, so that each
of them has as many claims as it would have in a large collection.
"""

import csv
import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from packpress.publish.build import build_folder
from packpress.tables.rows import read_tables

from packpress import read_package
from scripts.extension import EXTENSION

ROOT = Path(__file__).parents[1]
# Columns that refer to a passage or claim; in a copy they refer to the copy.
REPEATED = {
    "passages": ("passage_id", "part_of"),
    "claims": ("claim_id", "passage_id", "antecedent_passage_id"),
    "claim_conditions": ("claim_id",),
    "claim_routes": ("claim_id",),
    "claim_adverse_effects": ("claim_id",),
    "claim_concepts": ("claim_id",),
    "claim_references": ("claim_id",),
    "claim_reasons": ("claim_id", "reason_claim_id"),
    "claim_relations": ("claim_id", "related_claim_id"),
}

Cells = dict[str, str]


def enlarge_package(root: Path, claims: int) -> Path:
    """Writes a package with at least so many claims under `root`; the path of its descriptor."""
    (root / "data" / "sources").mkdir(parents=True)
    shutil.copytree(ROOT / "sql", root / "sql")
    shutil.copy(ROOT / "datapackage.json", root)
    shutil.copy(ROOT / "LICENSE-DATA.md", root)
    tables = {file.stem: _read_rows(file) for file in sorted((ROOT / "data").glob("*.csv"))}
    copies = -(-claims // len(tables["claims"]))
    texts = {
        row["source_id"]: (ROOT / row["path"]).read_bytes().decode(row["encoding"])
        for row in tables["sources"]
    }
    for row in tables["sources"]:
        data = "\n".join([texts[row["source_id"]]] * copies).encode(row["encoding"])
        (root / row["path"]).write_bytes(data)
        row["sha256"] = hashlib.sha256(data).hexdigest()
    last = {row["source_id"]: int(row["position"]) for row in tables["passages"]}
    for name, rows in tables.items():
        repeated = _repeat_rows(name, rows, copies, texts, last) if name in REPEATED else iter(rows)
        with (ROOT / "data" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            names = next(csv.reader(file))
        _write_rows(root / "data" / f"{name}.csv", names, repeated)
    return root / "datapackage.json"


def build_enlarged(root: Path, claims: int) -> Path:
    """Builds such a package completely, without running its curation rules; the folder of the build."""
    package = read_package(enlarge_package(root, claims))
    output = root / "build"
    build_folder(package, read_tables(package), output, "full", EXTENSION, lambda _: None)
    return output


def _repeat_rows(
    name: str, rows: list[Cells], copies: int, texts: dict[str, str], last: dict[str, int]
) -> Iterator[Cells]:
    for copy in range(copies):
        for row in rows:
            changed = {column: f"{row[column]}-x{copy}" for column in REPEATED[name] if copy and row[column]}
            if name == "passages":
                source_id = row["source_id"]
                changed["position"] = str(int(row["position"]) + copy * last[source_id])
                for column in ("start_offset", "end_offset"):
                    changed[column] = str(int(row[column]) + copy * (len(texts[source_id]) + 1))
            yield row | changed


def _read_rows(file: Path) -> list[Cells]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _write_rows(file: Path, names: list[str], rows: Iterator[Cells]) -> None:
    with file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
