"""Changes of whole rows: withdraw one, rename it, merge two, split one, with all that refers to them.

Each is planned on the rows in memory, shown as a difference, and written only if the package has no problem
with it that it did not have before.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from packpress.checks.descriptor import refuse_misdeclared
from packpress.checks.withdrawals import REASON, REPLACED, find_withdrawn
from packpress.editing.cascade import Cascade, EditedRow, Key, RowReference
from packpress.editing.diff import ADDED, CHANGED, MOVED, WITHDRAWN, Change
from packpress.editing.format import (
    can_rewrite,
    find_problems,
    read_canonical,
    read_exact_records,
    rewrite,
    tolerate_known,
)
from packpress.editing.identifiers import find_following, find_table
from packpress.editing.register import RegisterEdit
from packpress.extension import find_extension
from packpress.package.descriptor import Package
from packpress.package.resource import Resource
from packpress.problems import CannotRunError, InvalidPackageError, Problem, name_option
from packpress.similar import offer_nearest
from packpress.tables.rows import Row, Tables, read_tables
from packpress.transaction import replace_files

OUTCOME = "nothing was written"
# Between several values of one option, because make passes an option only once.
BETWEEN = " | "
# Keys with a number are no words of any language, so a text that has one means the row.
NUMBERED = re.compile(r"\D*[a-z_-]\D*\d.*|\d+[a-z_-].*", re.IGNORECASE)


@dataclass(frozen=True)
class Plan:
    """What a change of rows would do.

    - `files`: the new bytes of each file that changes, by path.
    - `changes`: the difference that they make.
    - `notices`: what else to look at.
    - `conflicts`: what has to be decided first; nothing is written then.
    - `drafts`: the keys of rows that were never published and may be incomplete, by path of their file.
    - `renamed`: the keys that were changed or replaced, each with the new one.
    """

    files: dict[str, bytes]
    changes: list[Change]
    notices: list[str] = field(default_factory=list)
    conflicts: list[Problem] = field(default_factory=list)
    drafts: dict[str, set[str]] = field(default_factory=dict)
    renamed: tuple[tuple[str, str], ...] = ()


def plan_withdrawal(
    package: Package,
    table: str,
    key: str,
    reason: str = "",
    replaced_by: str = "",
    also: str = "",
    settings: str = "",
) -> Plan:
    """The plan to withdraw a row, and what cannot exist without it.

    `also` lists other rows to withdraw with it as TABLE=KEY, set apart by `|`. Raises CannotRunError when
    there is no such row, or no reason although the package has a register.

    >>> from packpress import read_package
    >>> plan = plan_withdrawal(read_package("fleet"), "boats", "una")
    >>> [(change.table, change.key) for change in plan.changes]
    [('boats', 'una'), ('voyages', 'una-v1')]
    """
    edit = ChangedTables(package, table)
    entry = edit.require(key)
    heir = edit.require(replaced_by) if replaced_by else None
    edit.refuse_same(entry, heir)
    gone = [entry, *edit.list_named(also)]
    if not reason and any(map(edit.register.is_needed, gone)):
        example = name_option("reason", "…")
        raise CannotRunError(f"{package.register}: an entry needs a reason; add {example}")
    for one in gone:
        edit.cascade.remove(one)
    return edit.finish(reason, settings, gone=gone, heir=heir)


def plan_rename(
    package: Package, table: str, key: str, new_key: str, reason: str = "", settings: str = ""
) -> Plan:
    """The plan to give a row another key, wherever the old one stands.

    Raises CannotRunError when there is no such row, or when the new key is that of another row or withdrawn.

    >>> from packpress import read_package
    >>> plan = plan_rename(read_package("fleet"), "boats", "una", "ula")
    >>> [(change.table, change.field, change.new) for change in plan.changes]
    [('boats', '', 'ula'), ('boats', 'boat_id', 'ula'), ('voyages', 'boat_id', 'ula')]
    """
    edit = ChangedTables(package, table)
    entry = edit.require(key)
    parts = edit.require_free(new_key, entry)
    edit.cascade.rekey(entry, parts)
    edit.rename_in_texts(key, new_key)
    return edit.finish(reason or "Renamed.", settings, main=entry, renamed=(key, new_key))


def plan_merge(
    package: Package,
    table: str,
    key: str,
    into: str,
    reason: str = "",
    settings: str = "",
    keep: bool = False,
) -> Plan:
    """The plan to merge a row with another: what refers to it refers to the other one then.

    Raises CannotRunError when one of them is missing, or when both are the same.

    >>> from packpress import read_package
    >>> plan = plan_merge(read_package("fleet"), "boats", "una", "ida")
    >>> [(change.table, change.key, change.kind) for change in plan.changes]
    [('boats', 'una', 'withdrawn'), ('voyages', 'una-v1', 'changed')]
    """
    edit = ChangedTables(package, table)
    entry, other = edit.require(key), edit.require(into)
    edit.refuse_same(entry, other)
    edit.cascade.is_keeping = keep
    edit.cascade.remove(entry, other)
    edit.tell_lost_cells(entry, other)
    return edit.finish(
        reason or f"Merged with {into}.", settings, main=other, gone=[entry], renamed=(key, into)
    )


def plan_split(
    package: Package,
    table: str,
    key: str,
    new_key: str = "",
    to_new: str = "",
    to_both: str = "",
    settings: str = "",
    reason: str = "",
) -> Plan:
    """The plan to make two rows of one: a copy with another key gets some of the rows that refer to it.

    `to_new` and `to_both` list these as TABLE or TABLE=KEY, set apart by `|`; a key needs only the parts by
    which they differ. Raises CannotRunError when there is no such row, or no key for the new one.

    >>> from packpress import read_package
    >>> plan = plan_split(read_package("fleet"), "boats", "ida", "ila", "voyages=ida-v2", settings="name=Ila")
    >>> [(change.table, change.key, change.field, change.new) for change in plan.changes]
    [('boats', 'ila', '', ''), ('boats', 'ila', 'name', 'Ila'), ('voyages', 'ida-v2', 'boat_id', 'ila')]
    """
    edit = ChangedTables(package, table)
    entry = edit.require(key)
    parts = edit.require_free(new_key or edit.find_next(key))
    new = EditedRow(entry.resource, entry.path, {**entry.cells, **edit.name_parts(parts)})
    moving, copied = edit.select(entry, to_new), edit.select(entry, to_both)
    edit.cascade.entries[table].append(new)
    edit.cascade.hand_over(moving, new)
    edit.copy_holders(copied, new)
    return edit.finish(reason or f"Split from {key}.", settings, main=new, template=entry)


def split_list(text: str) -> list[str]:
    """The items of an option that takes several.

    >>> split_list("port=Lerwick | ida-v1:port=Scalloway")
    ['port=Lerwick', 'ida-v1:port=Scalloway']
    """
    return [item.strip() for item in text.split(BETWEEN) if item.strip()]


class ChangedTables:
    """The tables during a change of rows: finds in them what is asked for, and tells what came of it."""

    def __init__(self, package: Package, table: str) -> None:
        refuse_misdeclared(package)
        self.package = package
        self.resource = _require_table(package, table)
        self.tables: Tables = read_tables(package)
        self.extension = find_extension(package)
        drafts = self.extension.find_drafts(package, self.tables)
        self.withdrawn = find_withdrawn(package, self.tables)
        self.cascade = Cascade(package, self.tables, self.extension.arrange_row)
        self.register = RegisterEdit(package, self.cascade, drafts)
        self.notices: list[str] = []
        if package.rule_set and not self.extension.rules:
            self.notices.append(f"rules of {package.rule_set} are not checked; install the extension")

    # ---- looking up

    def require(self, key: str, table: str = "") -> EditedRow:
        """The row with this key, of another table if one is named; CannotRunError when there is none."""
        table = table or self.resource.name
        found = self.cascade.find(table, key)
        if len(found) > 1:
            raise CannotRunError(f"{key}: {len(found)} rows of {table} have this key; correct that first")
        if not found:
            raise CannotRunError(f"{key}: {self._describe_unknown(table, key)}")
        return found[0]

    def _describe_unknown(self, table: str, key: str) -> str:
        if entry := self.withdrawn.get(table, {}).get(key):
            return _describe_withdrawn(entry)
        what = f"no row of {table} has this key"
        owner = next(
            (name for name, rows in self.tables.items() if any(row.key == key for row in rows.rows)), ""
        )
        if owner and owner != self.package.register:
            return f"{what}, but one of {owner} has; name that table"
        keys = [entry.key for entry in self.cascade.live(table)]
        return f"{what}; {offer_nearest(key, keys, f'see {self.package.by_name[table].place}')}"

    def refuse_same(self, entry: EditedRow, other: EditedRow | None) -> None:
        """Raises CannotRunError when both are the same row."""
        if entry is other:
            raise CannotRunError(f"{entry.key}: the same row twice; name another one")

    def require_free(self, key: str, renamed: EditedRow | None = None) -> Key:
        """The parts of a key that no row has or had; CannotRunError when one has it or had it.

        A row that is renamed may get back the key that it had, as long as no release says otherwise.
        """
        names, parts = self.resource.primary_key, tuple(key.split(","))
        if len(parts) != len(names):
            many = "one value" if len(names) == 1 else f"{len(names)} values with commas between"
            raise CannotRunError(
                f"{key}: the key of {self.resource.name} is {', '.join(names)}; write {many}"
            )
        if renamed and key == renamed.key:
            raise CannotRunError(f"{key}: the key that it has; name another one")
        for other in self.cascade.find(self.resource.name, key):
            place = other.row.place if other.row else self.resource.place
            raise CannotRunError(f"{key}: {place} has this key; name another one, or merge the two")
        withdrawn = self.withdrawn.get(self.resource.name, {}).get(key)
        if withdrawn and not (renamed and self.register.is_undone(withdrawn, renamed.key)):
            message = f"{_describe_withdrawn(withdrawn)}; its key is never used again, so name another one"
            raise CannotRunError(f"{key}: {message}")
        return parts

    def name_parts(self, parts: Key) -> dict[str, str]:
        """The parts of a key, by field."""
        return dict(zip(self.resource.primary_key, parts, strict=True))

    def find_next(self, key: str) -> str:
        """The key for the new part of a row; CannotRunError when its table has no numbered keys."""
        mend = f"name that of the new row: {name_option('new', '…')}"
        if len(self.resource.primary_key) > 1:
            raise CannotRunError(f"{key}: the key has several parts; {mend}")
        try:
            return find_following(self.package, self.tables, self.resource.name, key)
        except CannotRunError:
            raise CannotRunError(f"{key}: its key is not numbered; {mend}") from None

    def list_named(self, listed: str) -> list[EditedRow]:
        """The rows that are listed as TABLE=KEY; CannotRunError when one of them is missing."""
        found = []
        for item in split_list(listed):
            table, is_named, key = item.partition("=")
            if not is_named:
                raise CannotRunError(f"{item}: names no row; write TABLE=KEY")
            found.append(self.require(key, _require_table(self.package, table).name))
        return found

    def select(self, entry: EditedRow, listed: str) -> list[tuple[EditedRow, list[RowReference]]]:
        """The rows that refer to one and are listed; CannotRunError when nothing fits an item of the list."""
        selected: dict[int, tuple[EditedRow, list[RowReference]]] = {}
        for item in split_list(listed):
            table, _, key = item.partition("=")
            find_table(self.package, table)
            holders = self.cascade.list_holders(entry, table)
            fitting = [(one, items) for one, items in holders if _fits(one, key)]
            if not fitting:
                there = ", ".join(_shorten_key(one, entry.key) for one, _ in holders) or "none"
                raise CannotRunError(
                    f"{item}: no row of {table} that refers to {entry.key}; there are {there}"
                )
            selected |= {id(one): (one, items) for one, items in fitting}
        return [*selected.values()]

    def copy_holders(self, holders: list[tuple[EditedRow, list[RowReference]]], new: EditedRow) -> None:
        """Adds a copy of rows that refer to one, each of which refers to another."""
        for entry, references in holders:
            copied = EditedRow(entry.resource, entry.path, dict(entry.cells))
            for reference in references:
                copied.cells.update(zip(reference.fields, reference.read_target(new.cells), strict=True))
            copied.cells = dict(self.cascade.arrange(entry.resource.name, copied.cells))
            if self.cascade.find(entry.resource.name, copied.key):
                message = f"a copy would have the key {copied.key}, which is taken; give it to one of both"
                raise CannotRunError(f"{entry.resource.name}: {message}")
            self.cascade.entries[entry.resource.name].append(copied)

    # ---- texts

    def rename_in_texts(self, key: str, new_key: str) -> None:
        """Replaces a numbered key wherever our own texts name it."""
        for entry, name in self._find_mentions(key):
            entry.cells[name] = _mention(key).sub(lambda _: new_key, entry.cells[name])

    def tell_mentions(self, key: str) -> None:
        """Adds a notice for each text that names a row which is gone."""
        for entry, name in self._find_mentions(key):
            if entry.row:
                told = entry.row.problem(name, f"names {key}, which is gone; read it again")
                self.notices.append(str(told))

    def _find_mentions(self, key: str) -> Iterator[tuple[EditedRow, str]]:
        """The cells of our own words in which a key stands that is no word of any language."""
        pattern = _mention(key)
        for table, entries in self.cascade.entries.items() if NUMBERED.fullmatch(key) else ():
            names = self._list_texts(table)
            for entry in entries:
                found = (name for name in names if not entry.is_gone and pattern.search(entry.cells[name]))
                yield from ((entry, name) for name in found)

    def _list_texts(self, table: str) -> list[str]:
        """The fields of a table that hold texts of our own, neither keys nor values from a list."""
        resource = self.package.by_name[table]
        held = {name for item in self.cascade.references if item.resource is resource for name in item.fields}
        if table == self.package.register:
            return [REASON] if REASON in resource.field_names else []
        held |= {*resource.primary_key}
        return [
            one.name
            for one in resource.fields
            if one.type == "string" and one.format == "default"
            if one.name not in held
            and not one.is_printed
            and not one.choices
            and "pattern" not in one.constraints
        ]

    def tell_lost_cells(self, entry: EditedRow, other: EditedRow) -> None:
        """Adds a notice for each cell that is filled in a merged row and empty in the other."""
        for name, value in entry.cells.items():
            if value not in {"", other.key} and not other.cells[name] and entry.row:
                mend = f"take it over with {name_option('set', f'{name}=…')}, if it is true of both"
                told = entry.row.problem(name, f"goes, and {other.key} has none; {mend}")
                self.notices.append(str(told))

    # ---- setting cells

    def set_cells(self, settings: str, main: EditedRow | None) -> None:
        """Sets cells, each written as FIELD=VALUE, KEY:FIELD=VALUE or TABLE:KEY:FIELD=VALUE."""
        for item in split_list(settings):
            place, is_set, value = item.partition("=")
            where, _, name = place.strip().rpartition(":")
            if not is_set:
                raise CannotRunError(f"{item}: sets nothing; write FIELD=VALUE or TABLE:KEY:FIELD=VALUE")
            entry = self._find_set(where, main) if where else main
            if entry is None:
                raise CannotRunError(f"{item}: names no row; write TABLE:KEY:FIELD=VALUE")
            if name not in entry.cells:
                offer = offer_nearest(name, entry.cells)
                raise CannotRunError(f"{name}: no field of {entry.resource.name}; {offer}")
            if name in entry.resource.primary_key:
                raise CannotRunError(
                    f"{name}: part of the key of {entry.resource.name}; rename the row instead"
                )
            entry.cells[name] = value.strip()

    def _find_set(self, where: str, main: EditedRow | None) -> EditedRow:
        table, is_named, key = where.partition(":")
        if not is_named or table not in self.tables:
            table, key = self.resource.name, where
        return self.require(key, table)

    # ---- the plan

    def finish(
        self,
        reason: str,
        settings: str,
        main: EditedRow | None = None,
        gone: Sequence[EditedRow] = (),
        heir: EditedRow | None = None,
        template: EditedRow | None = None,
        renamed: tuple[str, str] | None = None,
    ) -> Plan:
        """The plan, after the cells that are to be set and the entries of the register."""
        self.set_cells(settings, main)
        for entry in gone:
            self.tell_mentions(entry.key)
        self.register.update(reason, {id(gone[0]): heir} if heir else {})
        return Plan(
            self.render(),
            [*self.list_changes(main if template else None, template)],
            self.notices,
            self.cascade.conflicts,
            self.find_draft_keys() if template and self.register.is_draft(template) else {},
            (renamed,) if renamed else (),
        )

    def render(self) -> dict[str, bytes]:
        """The new bytes of each file with a row that changed; CannotRunError when one cannot be written."""
        files = {}
        for table, entries in self.cascade.entries.items():
            resource = self.package.by_name[table]
            for path in dict.fromkeys(entry.path for entry in entries if entry.is_changed):
                if resource.is_inline or "://" in path or not can_rewrite(resource, path):
                    raise CannotRunError(f"{path}: of {table}, has no canonical form; edit it by hand")
                read_exact_records(self.package, resource, path)
                ours = [entry for entry in entries if entry.path == path and not entry.is_gone]
                records = [tuple(entry.cells[name] for name in resource.field_names) for entry in ours]
                files[path] = rewrite(resource, path, records)
        return files

    def list_changes(self, new: EditedRow | None, template: EditedRow | None) -> Iterator[Change]:
        """The difference, by table and key; a new row differs from its template."""
        for table, entries in self.cascade.entries.items():
            for entry in sorted((entry for entry in entries if entry.is_changed), key=lambda one: one.key):
                if entry is new and template and template.row:
                    yield Change(table, entry.key, ADDED)
                    yield from _compare(entry, template.row.named)
                else:
                    yield from self._describe(entry)

    def _describe(self, entry: EditedRow) -> Iterator[Change]:
        table, key = entry.resource.name, entry.key
        if entry.row is None:
            yield Change(table, key, ADDED)
            return
        # A row of a table without keys is known by its place alone.
        before = entry.row.key or entry.row.place
        if entry.is_gone:
            heir = entry.heir
            yield Change(table, before, WITHDRAWN, new=heir.key if heir else "")
            return
        if key != entry.row.key:
            yield Change(table, key, MOVED, "", before, key)
        yield from _compare(entry, entry.row.named, key or before)

    def find_draft_keys(self) -> dict[str, set[str]]:
        """The keys, as they are to be, of rows that were never published, by path of their file."""
        found: dict[str, set[str]] = {}
        for entries in self.cascade.entries.values():
            for entry in entries:
                if entry.row is None or self.register.is_draft(entry):
                    found.setdefault(entry.path, set()).add(entry.key)
        return found


def _require_table(package: Package, table: str) -> Resource:
    if any(table == resource.name for resource in package.derived):
        raise CannotRunError(f"{table}: computed by a build; change the tables that it is computed from")
    resource = find_table(package, table)
    if table == package.register:
        raise CannotRunError(
            f"{table}: the register of withdrawn rows, which keeps its entries; name another"
        )
    if not resource.primary_key:
        raise CannotRunError(f"{table}: has no primary key by which to name a row; declare one")
    return resource


def _describe_withdrawn(entry: Row) -> str:
    replaced = entry[REPLACED] if REPLACED in entry.table.positions else ""
    instead = f'replaced by "{replaced}"' if replaced else "replaced by nothing"
    return f"withdrawn and {instead}, as {entry.place} says"


def _fits(entry: EditedRow, key: str) -> bool:
    """Whether a row has all these parts, with commas between, in its key."""
    lacking = Counter(key.split(",")) - Counter(entry.cells[name] for name in entry.resource.primary_key)
    return not key or entry.key == key or not lacking


def _shorten_key(entry: EditedRow, held: str) -> str:
    """The parts of a key that are not the key that the row refers to."""
    parts = [entry.cells[name] for name in entry.resource.primary_key]
    return ",".join(part for part in parts if part != held) or entry.key


def _mention(key: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-]){re.escape(key)}(?![\w-])")


def _compare(entry: EditedRow, before: dict[str, str], key: str = "") -> Iterator[Change]:
    for name, value in entry.cells.items():
        is_new = entry.row is None and name in entry.resource.primary_key
        if value != before[name] and not is_new:
            yield Change(entry.resource.name, key or entry.key, CHANGED, name, before[name], value)


# ---- writing


def check_plan(package: Package, plan: Plan) -> list[Problem]:
    """The problems that a plan leaves in rows that were never published, which may be incomplete.

    Raises InvalidPackageError for conflicts, and for all other problems that the package does not have yet.
    """
    if plan.conflicts:
        raise InvalidPackageError(plan.conflicts, OUTCOME)
    rules = find_extension(package).rules
    is_known, lines = tolerate_known(package, rules), _find_draft_lines(package, plan)
    of_drafts: list[Problem] = []
    others: list[Problem] = []
    for problem in find_problems(package, plan.files, rules):
        # It may have been there before the key of its row was changed.
        if not is_known(problem) and not any(is_known(_rename(problem, *pair)) for pair in plan.renamed):
            is_of_draft = problem.line in lines.get(problem.path, ())
            (of_drafts if is_of_draft else others).append(problem)
    if others:
        raise InvalidPackageError(others, OUTCOME)
    return of_drafts


def write_plan(package: Package, plan: Plan) -> list[Problem]:
    """Writes the files of a plan: all or none. Returns and raises what `check_plan` does."""
    found = check_plan(package, plan)
    replace_files(package.root, plan.files)
    return found


def _rename(problem: Problem, old: str, new: str) -> Problem:
    """The problem as it was when a row had its old key."""
    pattern = _mention(new)
    value, message = (pattern.sub(lambda _: old, text) for text in (problem.value, problem.message))
    return replace(problem, value=value, message=message)


def _find_draft_lines(package: Package, plan: Plan) -> dict[str, set[int]]:
    """The lines on which the plan puts rows that were never published, by path."""
    found: dict[str, set[int]] = {}
    for path in plan.files.keys() & plan.drafts.keys():
        resource = next(item for item in package.resources if path in item.paths)
        places = [resource.field_names.index(name) for name in resource.primary_key]
        found[path] = {
            line
            for line, cells in read_canonical(resource, path, plan.files[path])
            if ",".join(cells[place] for place in places) in plan.drafts[path]
        }
    return found
