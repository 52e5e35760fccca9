"""Peers: cells and constraints that other implementations of Table Schema test themselves with.

Where we judge otherwise, a clause of the standard says why; the table stands in docs/validation.md.
"""

import pytest

from tests.suites.peers import CELLS, CONSTRAINTS, DIFFERENCES, find_place, list_others

VECTORS = [*CELLS, *CONSTRAINTS]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda one: " ".join(find_place(one))[:60])
def test_peers_judge_as_we_do_or_a_clause_says_why_not(vector):
    assert bool(list(list_others(vector))) == (find_place(vector) in DIFFERENCES)


def test_each_difference_is_of_a_vector():
    assert DIFFERENCES.keys() <= set(map(find_place, VECTORS))
