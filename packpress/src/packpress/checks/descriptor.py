"""Checks of the descriptor beyond its profile: references that lead nowhere, contradictory values."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

from packpress.checks.exports import check_exports
from packpress.checks.files import check_hash
from packpress.checks.loose_keys import describe_kinds
from packpress.package.descriptor import Package
from packpress.package.named_profiles import check_named_profiles
from packpress.package.paths import HIDDEN, find_file, is_below, leads_out, offer_path, runs_code
from packpress.package.profile import find_type, is_url
from packpress.package.resource import DELIMITED, Field, ForeignKey, LabelledValue, ListedResource, Resource
from packpress.problems import CannotRunError, InvalidPackageError, Problem, shorten_value
from packpress.similar import offer_nearest
from packpress.tables.constraints import cast_constraint, make_reader, read_type
from packpress.tables.decoding import COMPRESSIONS
from packpress.tables.json_schema import describe_schema, judge
from packpress.tables.moments import find_lacking_part
from packpress.tables.patterns import SIMPLER, has_limit
from packpress.tables.types import TYPES, type_of

SIGNS = {"delimiter": ",", "quoteChar": '"', "escapeChar": ""}

HINT = ", or validate with --allow-remote"


def check_dialect(resource: Resource) -> Iterator[str]:
    """What is impossible in the dialect of a table.

    >>> from packpress.package.resource import build_resource
    >>> boats = {"name": "boats", "path": "boats.csv", "schema": {"fields": []}}
    >>> list(check_dialect(build_resource({**boats, "dialect": {"delimiter": '"'}})))
    ['the dialect of boats uses one character for two purposes; choose different ones']
    """
    used = [str(resource.dialect.get(name, default)) for name, default in SIGNS.items()]
    if any(count > 1 for sign, count in Counter(used).items() if sign):
        yield f"the dialect of {resource.name} uses one character for two purposes; choose different ones"


def check_schema(resource: Resource) -> Iterator[str]:
    """What is impossible in the missing values, columns and keys of a table's schema.

    >>> from packpress.package.resource import build_resource
    >>> schema = {"fields": [{"name": "boat_id"}], "primaryKey": ["boat_id"] * 2}
    >>> list(check_schema(build_resource({"name": "boats", "path": "boats.csv", "schema": schema})))
    ['primaryKey of boats names a field twice; name each once']
    """
    yield from _check_missing_values(f"the schema of {resource.name}", resource.declared_missing_values)
    keys = [("primaryKey", resource.primary_key), *(("uniqueKeys", key) for key in resource.unique_keys)]
    keys += [("foreignKeys", key.reference_fields) for key in resource.declared_keys]
    for name, key in keys:
        if len(set(key)) < len(key):
            yield f"{name} of {resource.name} names a field twice; name each once"
    for key in find_repeated(map(list, resource.unique_keys)):
        yield f"uniqueKeys of {resource.name} has the key {', '.join(key)} twice; write it once"


def _check_missing_values(where: str, declared: tuple[LabelledValue, ...]) -> Iterator[str]:
    labels = [item.label for item in declared if item.label is not None]
    for what, found in (("value", [item.value for item in declared]), ("label", labels)):
        if twice := find_repeated(found):
            yield f'missingValues of {where} has the {what} "{twice[0]}" twice; write it once'
    if not all(isinstance(label, str) for label in labels):
        yield f"missingValues of {where} has a label that is not a text; write it as one"
    if len({item.is_alone for item in declared}) > 1:
        yield f"missingValues of {where} mixes texts and objects; write all as one or the other"


def find_repeated(values: Iterable[Any]) -> list[Any]:
    """The values that occur more than once; they need not be hashable.

    >>> find_repeated(["ada", "ida", "ada"])
    ['ada']
    """
    known: set[tuple[bool, Any]] = set()  # true is not 1
    odd: list[Any] = []  # those that are not hashable, and never equal to the others
    repeated: list[Any] = []
    for value in values:
        is_odd = isinstance(value, list | dict)
        if value in odd if is_odd else (isinstance(value, bool), value) in known:
            repeated.append(value)
        elif is_odd:
            odd.append(value)
        else:
            known.add((isinstance(value, bool), value))
    return repeated


def check_field(resource: Resource, field: Field) -> Iterator[str]:
    """Faults of a field because of which its cells could not be checked.

    >>> from packpress import read_package
    >>> boats = read_package("fleet").by_name["boats"]
    >>> list(check_field(boats, Field({"name": "built", "type": "date", "format": "iso"})))
    ['field built of boats has the format "iso", which is not a pattern; write "default"']
    """
    where = f"field {field.name} of {resource.name}"
    if field.type not in TYPES:
        return  # reported by the profile
    faults = [*_check_format(field), *_check_type_keys(field)]
    yield from (f"{where} has {fault}" for fault in faults)
    yield from _check_missing_values(where, field.missing_values)
    if not faults:
        yield from (f"{where} has {fault}" for fault in _check_constraints(field))
        yield from (f"{where} has {fault}" for fault in _check_categories(field))
        yield from _check_examples(where, field, resource)


def list_idle_formats(resource: Resource) -> Iterator[str]:
    """Formats of types that have none; they are ignored.

    >>> from packpress.package.resource import build_resource
    >>> schema = {"fields": [{"name": "built", "type": "year", "format": "any"}]}
    >>> list(list_idle_formats(build_resource({"name": "boats", "path": "boats.csv", "schema": schema})))
    ['field built of boats has the format any, which does not apply to the type year; remove it']
    """
    for field in resource.fields:
        if field.type in TYPES and not type_of(field).formats and field.format != "default":
            what = f"field {field.name} of {resource.name} has the format {field.format}"
            yield f"{what}, which does not apply to the type {field.type}; remove it"


# Types of what some patterns name without the rest of a date.
OF_PARTS = {"%Y": "year", "%Y-%m": "yearmonth"}


def _check_format(field: Field) -> Iterator[str]:
    kind, form = type_of(field), field.format
    known = ("default", *kind.formats)
    if not kind.formats or form in known:
        return
    if not kind.has_patterns:
        offer = _offer_format(form, field.type) or offer_nearest(
            form, known, f"use one of {', '.join(known)}"
        )
        yield f'the format "{form}", which the type {field.type} does not have; {offer}'
        return
    if "%" not in form:
        meant = find_pattern(form, field.type)
        offer = f'write "{meant}"' if meant else f"write one such as {PATTERNS[field.type]}"
        yield f'the format "{form}", which is not a pattern; {offer}'
        return
    if lacking := find_lacking_part(form, field.type):
        other = "date" if (field.type, lacking) == ("datetime", "hour") else OF_PARTS.get(form, "string")
        mend = f"declare the type {other}{'' if other == 'date' else ' without a format'}"
        yield f'the format "{form}", which lacks the {lacking}; add it here and in the cells, or {mend}'
        return
    try:
        datetime.strptime("", form)
    except re.error:
        yield f'the format "{form}", which names a part twice; name each once'
    except ValueError as error:
        if "directive" in str(error) or "stray" in str(error):
            yield f'the format "{form}", which is not a valid pattern: {error}; correct it'


# How spreadsheets, Java, Oracle, PHP and others write the parts of a date and a time.
PARTS = re.compile(
    r"'[^']*'|[Yy]{4}|[Yy]{2}|[Mm][Oo][Nn](?:[Tt][Hh])?|[Mm]{3,4}|MI|[Mm]{1,2}|[Dd]{1,2}|[Hh][Hh](?:24|12)"
    r"|[Hh]{1,2}|[Ss]{6}|[Ss]{3}|[Ff]{6}|[Ff]{3}|[Ss]{1,2}|[AaPp]\.?[Mm]\.?|tt|X{1,3}|[A-Za-z]"
)
# The directives of `strptime` for them. Minutes are written like months, and known by the hour before them.
DIRECTIVES = {
    name: directive
    for directive, names in (
        *(("%Y", "yyyy Y"), ("%y", "yy"), ("%B", "month mmmm"), ("%b", "mon mmm"), ("%m", "mm m")),
        *(("%d", "dd d"), ("%H", "hh24 hh h"), ("%I", "hh12"), ("%M", "mi i"), ("%S", "ss s"), ("T", "T")),
        *(("%f", "sss ssssss fff ffffff"), ("%p", "a am pm tt"), ("%z", "z x xx xxx")),
    )
    for name in names.split()
}
ISO = re.compile(r"iso[-_ ]?(?:8601)?", re.IGNORECASE)
# A pattern as an example for each type, and a time with which patterns are tested.
PATTERNS = {"date": "%d/%m/%Y", "time": "%H:%M", "datetime": "%d/%m/%Y %H:%M"}
TESTED = datetime(2021, 11, 28, 17, 45, 59, tzinfo=UTC)


def find_pattern(form: str, kind: str) -> str:
    """The format of a date or time that other tools write in another way, or the empty string.

    >>> find_pattern("dd/mm/yyyy", "date"), find_pattern("yyyy-MM-dd'T'HH:mm:ss", "datetime")
    ('%d/%m/%Y', '%Y-%m-%dT%H:%M:%S')
    """
    if ISO.fullmatch(form):
        return "default"
    pattern, end = "", 0
    for part in PARTS.finditer(form):
        written = part[0].casefold().replace(".", "")
        if written in {"m", "mm"} and (kind == "time" or pattern.endswith(("%H", "%I"))):
            written = "mi"
        known = DIRECTIVES.get(written) or DIRECTIVES.get(part[0])
        directive = part[0].strip("'") if "'" in written else known
        if not directive:
            return ""
        pattern, end = f"{pattern}{form[end : part.start()]}{directive}", part.end()
    pattern += form[end:]
    if "%p" in pattern:
        pattern = pattern.replace("%H", "%I")
    return pattern if _reads_all(pattern, kind) else ""


def _reads_all(pattern: str, kind: str) -> bool:
    """Whether a pattern reads the day, the hour or both, as the type needs."""
    try:
        found = datetime.strptime(TESTED.strftime(pattern), pattern)
    except (ValueError, re.error):
        return False
    return (kind == "time" or found.date() == TESTED.date()) and (kind == "date" or found.hour == TESTED.hour)


def _offer_format(form: str, kind: str) -> str:
    """What to write in place of the name of a format or a type that other tools have, if it is known."""
    meant, further = find_type(form)
    if meant == kind:
        return f'write "{further or "default"}"'
    name = "itemType" if meant == "list" else "format"
    return f"declare the type {meant}{further and f' and the {name} {further}'} instead" if meant else ""


def _check_type_keys(field: Field) -> Iterator[str]:
    """What is wrong with the properties that affect how cells of a type are read."""
    if field.type == "boolean":
        both = set(field.true_values or ()) & set(field.false_values or ())
        if both:
            yield f'"{min(both)}" in both trueValues and falseValues; remove it from one'
    if field.type in {"integer", "number"}:
        signs = [field.group_char, (field.decimal_char or ".") if field.type == "number" else ""]
        if any(re.search("[0-9+-]", sign) for sign in signs):
            yield "a groupChar or decimalChar with a digit or a sign in it; use another character"
        if signs[0] and signs[0] == signs[1]:
            yield "the same groupChar and decimalChar; use two characters"
        if field.type == "number" and not field.decimal_char:
            yield "an empty decimalChar; name a character, or leave the property out"


def _check_constraints(field: Field) -> Iterator[str]:
    read = read_type(field) if field.constraints.keys() - {"required", "unique"} else str
    for name, value in field.constraints.items():
        if not type_of(field).allows(name):
            yield f"the constraint {name}, which does not apply to the type {field.type}; remove it"
        elif name == "pattern" and not has_limit(value):
            yield f"the pattern {value}, for which no time limit can be enforced; {SIMPLER}"
        elif name == "jsonSchema":
            if fault := describe_schema(value):
                yield f"an invalid jsonSchema: {fault}; correct it"
        elif name == "enum":
            yield from _check_enum(field, read)
        elif name.endswith("imum") and cast_constraint(value, field, read) is None:
            yield f'the {name} "{value}", which is not of type {field.type}; correct it'


def _check_enum(field: Field, read: Callable[[str], Any]) -> Iterator[str]:
    values = [cast_constraint(one, field, read) for one in field.enum]
    if None in values:
        yield f'"{field.enum[values.index(None)]}" in enum, which is not of type {field.type}; correct it'
    elif twice := find_repeated(values):
        yield f'"{twice[0]}" twice in enum; write it once'


def _check_categories(field: Field) -> Iterator[str]:
    declared = field.declared_categories
    if not declared:
        if "categoriesOrdered" in field.declared:
            yield "categoriesOrdered without categories; add them or remove it"
        return
    if not type_of(field).is_categorical:
        yield f"categories, which do not apply to the type {field.type}; use enum"
        return
    kind = int if field.type == "integer" else str
    wrong = [value for value in field.categories if type(value) is not kind]
    labels = [item.label for item in declared if item.label is not None]
    if wrong:
        yield f'"{wrong[0]}" in categories, which is not of type {field.type}; correct it'
    if len({item.is_alone for item in declared}) > 1:
        yield "categories that mix values and objects; write all as one or the other"
    if not all(isinstance(label, str) for label in labels):
        yield "a label of a category that is not a text; write it as one"
    for what, found in (("category", field.categories), ("label", labels)):
        if twice := find_repeated(found):
            yield f'the {what} "{twice[0]}" twice; write it once'
    read = read_type(field)
    beyond = [one for one in field.enum if cast_constraint(one, field, read) not in field.categories]
    if beyond and not wrong:
        yield f'"{beyond[0]}" in enum, which is not one of the categories; add it there or remove it'


def _check_examples(where: str, field: Field, resource: Resource) -> Iterator[str]:
    """Checks that examples are valid cells of the field, or values of its type such as numbers in JSON."""
    read = make_reader(Field(field.described(constraints=None)), resource)
    for value in ([] if field.example is None else [field.example]) + [*field.examples]:
        if isinstance(value, str):
            is_wrong = bool(read(value)[1])
        else:
            is_wrong = cast_constraint(value, field, read_type(field)) is None
        if is_wrong:
            yield f'{where} has the example "{value}", which is not of type {field.type}; correct it'


# The code for unknown properties. They change nothing, so cells are checked nevertheless.
UNKNOWN = "descriptor/unknown"
# The code of a notice that a build repeats: something that looks like a table is not one.
LEFT_AS_FILES = "descriptor/no-table"
# So many places of open questions are named.
MOST_NAMED = 3


def check_structure(package: Package) -> Iterator[Problem]:
    """The problems of the descriptor that can be found without reading the data.

    >>> from packpress import read_package
    >>> print(*check_structure(read_package("fleet").replaced(keywords="boats")))
    datapackage.json: keywords of the package is not a list of texts; correct it
    """
    say = partial(_problem, package.path.name)
    yield from map(say, (f"{fault.message}; {fault.mend}" for fault in package.faults))
    yield from _check_names_of_properties(package)
    yield from check_named_profiles(package, judge)
    yield from _check_texts(package)
    yield from _count_questions(package)
    if not package.listed:
        yield say("resources is empty; declare one")
    names = (resource.name for resource in (*package.listed, *package.derived) if resource.name)
    for name in find_repeated(names):
        yield say(f"two resources are named {name}; rename one")
    for resource in _list_sound_tables(package):
        yield from _check_resource(package.path.name, package, resource)
    for number, listed in enumerate(package.listed, 1):
        yield from _check_listed(package, listed, f"resource {listed.name or number}")


def _count_questions(package: Package) -> Iterator[Problem]:
    """One notice for all questions that the descriptor leaves open, with the parts that they are about."""
    parts = [("the package", package.open_questions)]
    for listed in package.listed:
        parts.append((listed.name, listed.open_questions))
        fields = listed.fields if isinstance(listed, Resource) else ()
        parts += [(f"{listed.name}.{field.name}", field.open_questions) for field in fields]
    about = [place for place, questions in parts if questions]
    count = sum(len(questions) for _, questions in parts)
    if count:
        plural, them = ("s are", "them") if count > 1 else (" is", "it")
        shown = ", ".join(map(shorten_value, about[:MOST_NAMED]))
        more = f" and {len(about) - MOST_NAMED} more" if len(about) > MOST_NAMED else ""
        message = f"{count} question{plural} open, about {shown}{more}; answer {them}, then remove {them}"
        yield Problem(package.path.name, 0, message, code="descriptor/question", is_notice=True)


def _check_names_of_properties(package: Package) -> Iterator[Problem]:
    """Reports misplaced properties as problems, and unknown ones as problems under strict lint."""
    mends = {
        True: 'remove it, or mark it as an extension, such as "own:{name}"',
        False: "leave it if it is your own, or correct it",
    }
    is_strict = package.is_strict
    for key in package.list_unknown_keys():
        having = f"and {key.more} more have" if key.more else "has"
        where = f'{key.place} {having} a key "{key.name}"'
        if key.home:
            message = f"{where}, which belongs in {key.home} and has no effect here; move it there"
            yield Problem(package.path.name, 0, message, code="descriptor/misplaced")
            continue
        if key.meant:
            message = f'{where}; did you mean "{key.meant}"?'
        else:
            message = f"{where}, which is not known; {mends[is_strict].format(name=key.name)}"
        yield Problem(package.path.name, 0, message, code=UNKNOWN, is_notice=not is_strict)


def _list_sound_tables(package: Package) -> Iterator[Resource]:
    """The tables whose fields can be determined, which a malformed dialect prevents."""
    faulty = {fault.path[:3] for fault in package.faults}
    for group, tables in (("resources", package.listed), ("derived", package.derived)):
        for place, table in enumerate(tables):
            is_sound = not {(group, place, "dialect"), (group, place, "publishing")} & faulty
            if isinstance(table, Resource) and is_sound:
                yield table


def _check_listed(package: Package, resource: ListedResource, where: str) -> Iterator[Problem]:
    """Checks that apply to tables and to other files."""
    path = package.path.name
    yield from map(partial(_problem, path), check_hash(where, resource.hash) if resource.hash else ())
    named = {"tabular-data-package": package.profile, "tabular-data-resource": resource.profile}
    for profile, names in named.items():
        if profile in names and not resource.is_table:
            message = f"{where} is not a table, but the profile {profile} is for tables; add a schema"
            yield _problem(path, message)
    yield from _check_paths(package, resource, where)
    for file in find_repeated(resource.paths) if resource.is_table else ():
        message = f'{where} has the path "{file}" more than once, so its rows are there as often; remove one'
        yield Problem(path, 0, message, code="descriptor/repeated-path", is_notice=True)
    if not resource.is_table and ("schema" in resource.declared or resource.format in DELIMITED):
        lack = f"the format {resource.format}" if "schema" in resource.declared else "no schema"
        message = f"{where} has {lack}, so it is not a table; only the zip includes it"
        yield Problem(path, 0, message, code=LEFT_AS_FILES, is_notice=True)


def _check_texts(package: Package) -> Iterator[Problem]:
    """Checks that each text of the site is a file below the descriptor; the site works without it."""
    for text in () if package.address else package.texts:
        try:
            find_file(package.root, text)
        except (OSError, CannotRunError):
            message = (
                f"publishing.texts names {text}, not a file below the descriptor; the site leaves it out"
            )
            yield Problem(package.path.name, 0, message, code="descriptor/no-text", is_notice=True)


def refuse_misdeclared(package: Package) -> None:
    """Raises InvalidPackageError when the descriptor has problems, because derived files would be wrong."""
    if problems := [problem for problem in check_structure(package) if not problem.is_notice]:
        raise InvalidPackageError(problems)


def _problem(path: str, message: str) -> Problem:
    return Problem(path, 0, message, code="descriptor/structure")


def _check_resource(path: str, package: Package, resource: Resource) -> Iterator[Problem]:
    say = partial(_problem, path)
    faults = list(check_dialect(resource))
    yield from map(say, faults)
    if faults:
        return  # neither fields nor missing values can be determined
    yield from _check_fields(path, resource)
    yield from map(say, _check_own_names(resource))
    yield from map(say, _check_links(resource))
    yield from map(say, _check_linked_facets(package, resource))
    yield from map(say, check_exports(package, resource))
    for key in resource.declared_keys:
        yield from map(say, _check_foreign_key(package, resource, key))
    yield from map(say, check_schema(resource))
    for message in list_idle_formats(resource):
        yield Problem(path, 0, message, code="descriptor/idle", is_notice=True)


# Where files may be that are not below the descriptor, as the standard says.
SERVERS = ("http://", "https://", "ftp://", "ftps://")


def _check_paths(package: Package, resource: ListedResource, named: str) -> Iterator[Problem]:
    """Checks that the files of a resource are below the descriptor, and that their compression is known."""
    path = package.path.name
    if {"path", "data"} <= resource.declared:
        yield _problem(path, f"{named} has both path and data; remove one of them")
    if len({"://" in file for file in resource.paths}) > 1:
        yield _problem(path, f"{named} mixes paths and URLs; use only one kind")
        return
    for file in resource.paths:
        where = f'{named} has the path "{file}"'
        if "://" in file or runs_code(file):
            if fault := _describe_url(package, resource, file):
                yield _problem(path, f"{where}, which is {fault}")
        elif not is_below(file):
            yield _problem(path, f"{where}{offer_path(package.root, file)}")
        elif leads_out(package.root, file):
            yield _problem(
                path, f"{where}, which is a link to another place; name a file below the descriptor"
            )
        elif HIDDEN.search(file):
            yield _problem(path, f"{where}, which is hidden; give it a name without a full stop in front")
        if resource.is_table and resource.compression_of(file) not in COMPRESSIONS:
            yield _problem(
                path, f"{where}, which has an unsupported compression; use gzip or zip, or unpack the file"
            )


def _describe_url(package: Package, resource: ListedResource, url: str) -> str:
    """What is wrong with the URL of a file, and what to do about it; empty if nothing is."""
    if runs_code(url):
        return "an address that runs code; name a file below the descriptor"
    is_reached = package.fetch is not None if resource.is_table else url.lower().startswith(SERVERS)
    if is_reached:
        return ""
    place = f"on the web; download it and name the file{HINT}"
    return place if is_url(url) else "not below the descriptor; download it and name the file"


def _check_fields(path: str, resource: Resource) -> Iterator[Problem]:
    seen: set[str] = set()
    for field in resource.fields:
        where = f"field {field.name} of {resource.name}"
        if field.name in seen:
            yield _problem(path, f"{where} is declared twice; rename or remove one")
        seen.add(field.name)
        yield from map(partial(_problem, path), check_field(resource, field))
        if field.enum_descriptions and set(field.enum_descriptions) != set(map(str, field.enum)):
            odd = ", ".join(sorted(set(field.enum_descriptions) ^ set(map(str, field.enum))))
            message = f"{where} has enum and enumDescriptions that differ in {odd}"
            yield _problem(path, f"{message}; describe every value, and no other")


def _check_own_names(resource: Resource) -> Iterator[str]:
    own, hints = set(resource.field_names), resource.publishing
    named = [("primaryKey", resource.primary_key), *(("uniqueKeys", key) for key in resource.unique_keys)]
    named += [("foreignKeys", key.fields) for key in resource.declared_keys]
    named += [("rowOf", (field.row_of,)) for field in resource.fields if field.row_of]
    named += [(hint, tuple(hints.get(hint, ()))) for hint in ("facets", "search")]
    named += [(hint, (hints[hint],)) for hint in ("label", "sort") if hint in hints]
    for where, names in named:
        for name in set(names) - own:
            message = f'{where} of {resource.name} names "{name}", which is not one of its fields'
            yield f"{message}; {offer_nearest(name, own)}"


def _check_links(resource: Resource) -> Iterator[str]:
    links = resource.publishing.get("links")
    if not links:
        return
    single = {key.fields[0]: key.resource for key in resource.foreign_keys if len(key.fields) == 1}
    for name in (name for name in links if name not in single):
        offer = offer_nearest(name, set(single))
        yield f'links of {resource.name} names "{name}", which is not a foreign key; {offer}'
    if len(links) != 2 or len({single.get(name, name) for name in links}) != len(links):
        yield f"links of {resource.name} needs two foreign keys to different tables; name them"


def _check_linked_facets(package: Package, resource: Resource) -> Iterator[str]:
    names = resource.publishing.get("linkedFacets", ())
    keys = {other.primary_key[0] for other in package.resources if names and len(other.primary_key) == 1}
    for name in names:
        if name not in keys:
            message = f'linkedFacets of {resource.name} names "{name}", which is not the key of any table'
            yield f"{message}; {offer_nearest(name, keys)}"


def _check_foreign_key(package: Package, resource: Resource, key: ForeignKey) -> Iterator[str]:
    where = f"foreignKeys of {resource.name}"
    if key.package:
        if key.hash:
            yield from check_hash(f"the package {key.package}", key.hash)
        return
    target = package.by_name.get(key.resource)
    if target is None and key.is_weak:
        return
    if target is None and (files := [item for item in package.listed if item.name == key.resource]):
        lack = f"has the format {files[0].format}" if "schema" in files[0].declared else "has no schema"
        message = f"{where} point to {key.resource}, which {lack}, so its rows cannot be looked up"
        yield f"{message}; write it as CSV with a schema, or remove the key"
        return
    if target is None:
        offer = offer_nearest(key.resource, set(package.by_name), "correct it, or declare the key weak")
        yield f'{where} names a table "{key.resource}"; {offer}'
        return
    for other in key.reference_fields:
        if other not in target.field_names:
            offer = offer_nearest(other, set(target.field_names))
            yield f'{where} names "{other}", which is not a field of {target.name}; {offer}'
    if fault := describe_kinds(resource, key, target):
        yield f"{where} {fault}"
