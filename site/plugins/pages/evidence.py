"""Evidence maps: what each source says of each condition, route or adverse effect, counted in claims."""

from dataclasses import dataclass

from datasette.app import Datasette

# The tables that have a map, with the address of the map below `/map`.
MAPS = {"conditions": "", "adverse_effects": "adverse-effects", "routes": "routes"}


@dataclass(frozen=True)
class Chip:
    """The claims of one source about one thing that take one stance; `stance` is empty for types that do not judge."""

    stance: str | None
    # Distinct claims.
    claims: int
    # Whether every one of them is hedged.
    is_hedged: bool
    # Roles that the thing has in them, each with its number of claims.
    roles: tuple[tuple[str, int], ...]
    # Address of these claims as a table.
    url: str


@dataclass(frozen=True)
class Cell:
    """One source in the line of one thing; no chips where the source does not name it."""

    source_id: str
    short_name: str
    chips: tuple[Chip, ...]


@dataclass(frozen=True)
class Line:
    """One thing with a cell for each source, in the order of the sources; claims of narrower things are not counted again."""

    row_id: str
    label: str
    kind: str
    # How many broader things stand above it.
    depth: int
    url: str
    cells: tuple[Cell, ...]

    @property
    def named_by(self) -> int:
        """How many sources name it."""
        return sum(bool(cell.chips) for cell in self.cells)


async def read_map(datasette: Datasette, table: str) -> list[Line]:
    """The lines of the map of `conditions`, `routes` or `adverse_effects`, narrower things below broader ones."""
    raise NotImplementedError
