"""What helps to fill a column in: the values to choose from, and what the descriptor says of it."""

from dataclasses import dataclass
from typing import Any

from xlsxwriter.utility import xl_col_to_name

from packpress.editing.workbook.beside import State
from packpress.editing.workbook.layout import CONTROL, LISTS, Page
from packpress.package.descriptor import Package
from packpress.package.field import Field
from packpress.package.resource import Resource
from packpress.publish.sheets import MOST_ROWS

# What spreadsheet programs show of a title and a message beside a cell.
LONGEST_TITLE, LONGEST_MESSAGE, LONGEST_NOTE = 32, 255, 32_000


@dataclass(frozen=True)
class Choice:
    """A name for a range of values, and whether another value is refused or only questioned."""

    name: str
    is_closed: bool


class Choices:
    """The lists that cells offer, each under a name, so that a list may be as long as a sheet.

    A foreign key offers the keys of the other sheet, new rows included. Where that sheet holds only some of
    the rows, or there is none, it offers the keys on disk.
    """

    def __init__(self, package: Package, pages: list[Page], state: State, selected: State) -> None:
        self.package = package
        self.state = state
        self.pages = {page.resource.name: page for page in pages}
        self.whole = {name for name in self.pages if len(selected[name]) == len(state[name])}
        self.ranges: dict[str, str] = {}
        self.lists: list[tuple[str, ...]] = []

    def find(self, resource: Resource, field: Field) -> Choice | None:
        """What the cells of a field may be chosen from; None when anything may be written."""
        if field.enum:
            return self._offer_list(tuple(map(str, field.enum)), is_closed=True)
        if field.type == "boolean":
            truths = (field.raw.get("trueValues", ["true"])[:1], field.raw.get("falseValues", ["false"])[:1])
            return self._offer_list(tuple(text for texts in truths for text in texts), is_closed=False)
        for key in resource.foreign_keys:
            if field.name in key.fields and not key.package and key.resource in self.state:
                target = self.package.by_name[key.resource]
                place = target.field_names.index(key.reference_fields[key.fields.index(field.name)])
                if target.name in self.whole:
                    return self._offer_column(self.pages[target.name], place)
                known = dict.fromkeys(record[place] for record in self.state[target.name])
                return self._offer_list(tuple(known), is_closed=False)
        return None

    def _offer_list(self, values: tuple[str, ...], is_closed: bool) -> Choice | None:
        values = tuple(value for value in values if value)
        if not values:
            return None
        if values not in self.lists:
            self.lists.append(values)
        column = xl_col_to_name(self.lists.index(values), col_abs=True)
        return self._name(f"='{LISTS}'!{column}$1:{column}${len(values)}", is_closed)

    def _offer_column(self, page: Page, place: int) -> Choice:
        sheet = f"'{page.sheet.replace(chr(39), chr(39) * 2)}'!"
        column = xl_col_to_name(place, col_abs=True)
        whole = f"{sheet}{column}$1:{column}${MOST_ROWS}"
        return self._name(f"={sheet}{column}$2:INDEX({whole},MAX(2,COUNTA({whole})))", is_closed=True)

    def _name(self, formula: str, is_closed: bool) -> Choice:
        return Choice(self.ranges.setdefault(formula, f"choice_{len(self.ranges) + 1}"), is_closed)


def validate_cells(field: Field, choice: Choice | None) -> dict[str, Any]:
    """How cells of the field are checked while one types, in the words of xlsxwriter."""
    options: dict[str, Any] = {"validate": "any"}
    if choice:
        options = {
            "validate": "list",
            "source": f"={choice.name}",
            "error_type": "stop" if choice.is_closed else "warning",
            "error_title": "Not in the list",
            "error_message": "Choose a value from the list: open it by the arrow beside the cell.",
        }
    if field.description:
        options["input_title"] = shorten(field.title, LONGEST_TITLE)
        options["input_message"] = shorten(field.description, LONGEST_MESSAGE)
    return options


def describe_field(resource: Resource, field: Field) -> str:
    """All that the descriptor says of a column, for the note at its head."""
    lines = [field.description] if field.description else []
    facts = [f"Type: {field.type}"]
    if field.is_required:
        facts.append("required")
    if field.name in resource.primary_key:
        facts.append("part of the key" if len(resource.primary_key) > 1 else "the key, never changed")
    if field.verbatim:
        facts.append("a source's own words, character for character")
    lines.append(", ".join(facts) + ".")
    if "example" in field.raw:
        lines.append(f"Example: {field.raw['example']}")
    for value, meaning in field.enum_descriptions.items():
        lines.append(f"{value}: {meaning}")
    return shorten("\n".join(lines), LONGEST_NOTE)


def shorten(text: str, length: int) -> str:
    """The text, or as many of its words as fit, with an ellipsis."""
    text = CONTROL.sub(" ", text)
    return text if len(text) <= length else text[: length - 1].rsplit(" ", 1)[0] + "…"
