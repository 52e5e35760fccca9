"""JSON Schemas written by users: validation within a time limit and without network access."""

from collections.abc import Callable, Hashable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache, cached_property
from time import thread_time
from typing import Any

from packpress.problems import CannotRunError
from packpress.tables.patterns import SECONDS, is_quick, make_matcher

# A keyword's check, called with the validator, the keyword's value, the instance and the schema.
Keyword = Callable[[Any, Any, Any, Any], Any]


@dataclass(frozen=True)
class Limit:
    """The deadline for checking a value, in CPU time of the thread, and the whole schema.

    >>> sorted(Limit(schema={"patternProperties": {"^a": {}}}).patterns)
    ['^a']
    """

    end: float = float("inf")
    schema: Any = None

    @cached_property
    def patterns(self) -> frozenset[str]:
        """The patterns for property names in all parts of the schema."""
        return frozenset(_list_patterns(self.schema))


LIMIT = ContextVar("LIMIT", default=Limit())  # noqa: B039


def make_validator(schema: Any, registry: Any = None) -> Any:
    """A validator for a JSON Schema that fetches nothing and limits the time of its patterns.

    `registry` resolves its references, if it has any.

    >>> make_validator({"type": "string", "pattern": "^a"}).is_valid("ada")
    True
    """
    from jsonschema.validators import validator_for  # a tenth of a second to import, so only when needed
    from referencing import Registry

    return _limit(validator_for(schema))(schema, registry=Registry() if registry is None else registry)


def judge(schema: Any, registry: Any, value: Any) -> list[Any]:
    """The errors of a value under a schema, after checking that the schema itself is valid.

    Raises CannotRunError if it is not, if it cannot be used, or if it takes too long.

    >>> [error.message for error in judge({"maximum": 9}, None, 12)]
    ['12 is greater than the maximum of 9']
    """
    if fault := describe_schema(schema):
        raise CannotRunError(fault)
    try:
        return find_faults(make_validator(schema, registry), value)
    except _list_failures() as error:
        raise CannotRunError(_describe_failure(error)) from None


def describe_schema(schema: Any) -> str:
    """Why a JSON Schema cannot be used, apart from what it refers to; empty if it can.

    >>> describe_schema({"maximum": "9"})
    "'9' is not of type 'number'"
    """
    from jsonschema.exceptions import SchemaError
    from jsonschema.validators import validator_for

    try:
        validator_for(schema).check_schema(schema)
    except SchemaError as error:
        return " ".join(error.message.split())
    except RecursionError:
        return "it is nested too deeply"
    return ""


def find_faults(validator: Any, value: Any) -> list[Any]:
    """The errors of a value; CannotRunError if finding them takes too long.

    Raises Unresolvable, RecursionError or SchemaError because of what the schema refers to.

    >>> [error.message for error in find_faults(make_validator({"type": "integer"}), "three")]
    ["'three' is not of type 'integer'"]
    """
    token = LIMIT.set(Limit(thread_time() + SECONDS, validator.schema))
    from jsonschema.exceptions import SchemaError

    try:
        return list(validator.iter_errors(value))
    except CannotRunError:
        raise
    except _list_failures():
        raise
    except Exception:  # jsonschema may raise anything, because it does not check what a reference leads to
        raise SchemaError("a reference leads to something that is not a JSON Schema") from None
    finally:
        LIMIT.reset(token)


def describe_fault(validator: Any, value: Any) -> str:
    """The most relevant error of a value, on one line; empty if it is valid.

    >>> describe_fault(make_validator({"properties": {"crew": {"minimum": 1}}}), {"crew": 0})
    'crew: 0 is less than the minimum of 1'
    """
    from jsonschema.exceptions import best_match

    try:
        fault = best_match(find_faults(validator, value))
    except _list_failures() as error:
        return _describe_failure(error)
    if fault is None:
        return ""
    place = ".".join(map(str, fault.absolute_path))
    return " ".join(f"{place + ': ' if place else ''}{fault.message}".split())


def _list_failures() -> tuple[type[Exception], ...]:
    """The exceptions by which a JSON Schema fails because of what it refers to."""
    from jsonschema.exceptions import SchemaError
    from referencing.exceptions import Unresolvable

    return SchemaError, Unresolvable, RecursionError


def _describe_failure(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it refers to itself endlessly"
    if reference := str(getattr(error, "ref", "")):
        sign = "#" if reference.startswith("/") else ""
        return f"it refers to {sign}{reference}, which is not available"
    return str(getattr(error, "message", error))


@cache
def _limit(plain: Any) -> Any:
    """The validator class of a draft, with keywords that observe the time limit."""
    from jsonschema.validators import extend

    own: dict[str, Callable[[Keyword], Keyword]] = {
        "pattern": lambda _: _match_pattern,
        "patternProperties": lambda _: _match_properties,
        "additionalProperties": _leave_out_matched,
        "uniqueItems": lambda _: _find_repeated,
        "unevaluatedProperties": _allow_quick,
    }
    keywords = {name: _watch(own.get(name, _keep)(keyword)) for name, keyword in plain.VALIDATORS.items()}
    limited = extend(plain, keywords)
    evolve = limited.evolve

    def evolve_limited(self: Any, **changes: Any) -> Any:
        evolved = evolve(self, **changes)
        draft: Any = type(evolved)
        if draft is limited:
            return evolved
        # A subschema may name another draft, whose own class has no limit.
        given = {item.alias: getattr(evolved, item.name) for item in draft.__attrs_attrs__ if item.init}
        return _limit(draft)(**given)

    limited.evolve = evolve_limited
    return limited


def _keep(keyword: Keyword) -> Keyword:
    return keyword


def _watch(keyword: Keyword) -> Keyword:
    """A keyword that checks the time limit before it checks a value."""

    def check(validator: Any, declared: Any, value: Any, schema: Any) -> Any:
        if thread_time() > LIMIT.get().end:
            raise CannotRunError("a jsonSchema takes too long; write it with fewer nested parts")
        return keyword(validator, declared, value, schema)

    return check


def _match_pattern(validator: Any, pattern: str, value: Any, _: Any) -> Iterator[Any]:
    from jsonschema.exceptions import ValidationError

    if validator.is_type(value, "string") and not make_matcher(pattern, is_whole=False)(value):
        yield ValidationError(f"{value!r} does not match {pattern!r}")


def _match_properties(validator: Any, patterns: Any, value: Any, _: Any) -> Iterator[Any]:
    for pattern, part in patterns.items() if validator.is_type(value, "object") else ():
        for name, member in value.items():
            if make_matcher(pattern, is_whole=False)(name):
                yield from validator.descend(member, part, path=name, schema_path=pattern)


def _find_repeated(validator: Any, is_unique: bool, value: Any, _: Any) -> Iterator[Any]:
    from jsonschema.exceptions import ValidationError

    # jsonschema itself compares each object with all others.
    if is_unique and validator.is_type(value, "array") and len(set(map(_make_key, value))) < len(value):
        yield ValidationError(f"{value!r} has non-unique elements")


def _make_key(value: Any) -> Hashable:
    """A key that is the same for values that are equal in JSON Schema: 1 and 1.0, but not 1 and true."""
    if isinstance(value, dict):
        return frozenset((name, _make_key(member)) for name, member in value.items())
    if isinstance(value, list):
        return tuple(map(_make_key, value))
    return (value, "truth") if isinstance(value, bool) else (value,)


def _leave_out_matched(keyword: Keyword) -> Keyword:
    """The keyword, applied only to properties that match none of the patterns next to it."""

    def check(validator: Any, allowed: Any, value: Any, schema: Any) -> Any:
        matchers = [make_matcher(pattern, is_whole=False) for pattern in schema.get("patternProperties", ())]
        if matchers and validator.is_type(value, "object"):
            value = {name: value[name] for name in value if not any(match(name) for match in matchers)}
            schema = {name: part for name, part in schema.items() if name != "patternProperties"}
        return keyword(validator, allowed, value, schema)

    return check


def _allow_quick(keyword: Keyword) -> Keyword:
    """The keyword, which searches with all patterns of a schema itself, if they are quick."""

    def check(validator: Any, allowed: Any, value: Any, schema: Any) -> Any:
        for pattern in LIMIT.get().patterns if validator.is_type(value, "object") else ():
            if not all(is_quick(pattern, name) for name in value):
                message = f"a jsonSchema has unevaluatedProperties together with the pattern {pattern}"
                raise CannotRunError(f"{message}, which takes too long; write additionalProperties")
        return keyword(validator, allowed, value, schema)

    return check


def _list_patterns(schema: Any) -> Iterator[str]:
    if isinstance(schema, Mapping):
        yield from schema.get("patternProperties") or ()
        for part in schema.values():
            yield from _list_patterns(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from _list_patterns(part)
