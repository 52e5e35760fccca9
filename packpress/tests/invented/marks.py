"""Marks of tests that have many cases of few kinds."""

from collections.abc import Iterable
from typing import Any

import pytest


def keep_short(cases: Iterable[Any], *short: Any) -> list[Any]:
    """Cases as parameters, of which those that are not among the short ones are left to the long tests."""
    return [case if case in short else _prolong(case) for case in cases]


def _prolong(case: Any) -> Any:
    return pytest.param(*(case if isinstance(case, tuple) else (case,)), marks=pytest.mark.long)
