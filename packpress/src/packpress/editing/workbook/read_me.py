"""The first sheet of a workbook: how to use it, in plain words."""

from collections.abc import Iterator

from packpress.editing.workbook.selection import Selection
from packpress.package.descriptor import Package

# Every line that is indented goes on with the one before.
INSTRUCTIONS = """\
what it is: Each table of the package is a sheet. Edit the cells, save the file as .xlsx and import it.
  Nothing changes on disk before you have seen the difference and said yes.
colours: White cells are yours. Grey cells are locked: the keys of rows that are there and, in italics
  behind the table, words of other tables to read beside the row.
help: Hold the pointer over the name of a column to read all that is said of it. A cell with an arrow
  offers its values in a list.
add a row: Write it below the last row. packpress next-id TABLE tells its key. The words beside it come with
  the next export.
remove a row: Review, Unprotect Sheet (there is no password), then delete the whole row.
change a key: Never. The key is how others name the row. Remove the row and add another under a new key.
take care: Every cell is text, so that nothing turns into a date or a number. Write dates like
  2021-11-08. Paste values only, without formats. Leave columns and sheets where they are and as they are
  called. No formulas, no merged cells, no line breaks within a cell.
bring it back: packpress import shows what differs and asks. Damage is refused with the address of
  its cell. Then packpress validate says what is left to mend. The same workbook may be edited and imported
  again.
others: If somebody else changed a table that you changed too, the import says so and refuses. Export
  anew and repeat your changes there.
"""


def list_instructions(package: Package, selection: Selection) -> Iterator[tuple[str, str]]:
    """What to do with the workbook, each under a word or two."""
    yield "workbook of", f"{package.title}, version {package.version}"
    if selection.table:
        yield "rows", f"Those of {selection.key} in {selection.table}, and tables that belong to no such row."
    for line in INSTRUCTIONS.replace("\n  ", " ").splitlines():
        name, text = line.split(": ", 1)
        if name == "remove a row" and (register := package.register):
            text += f" Enter a row that was ever published in {register}, with the reason."
        yield name, text
