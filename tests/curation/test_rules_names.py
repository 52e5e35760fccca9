"""Cases of the rules on the names by which people ask."""

import pytest

from invented.copies import messages
from tests.curation.cases import at, case, cases_of, check_case, find


@case("asked_row_exists")
def row_is_misspelt(copy):
    add_name(copy, "zz-1", row_id="orally")
    return [
        f'{at(copy, "names", "zz-1")}row_id="orally": not in data/routes.csv; correct row_id or table_name'
    ]


@case("asked_row_exists")
def row_stands_in_another_table(copy):
    key = find(copy, "names", row_id="sore-bladder")
    copy.edit("names", key, table_name="conditions")
    return [
        f'{at(copy, "names", key)}row_id="sore-bladder": not in data/conditions.csv; correct row_id or table_name'
    ]


@case("name_is_new_to_its_row")
def name_is_a_label(copy):
    add_name(copy, "zz-1", name="ORAL")
    place = at(copy, "routes", "oral").removesuffix(": ")
    return [f'{at(copy, "names", "zz-1")}name="ORAL": {place} names the row so already; remove this row']


@case("name_is_new_to_its_row")
def name_is_printed(copy):
    add_name(copy, "zz-1", table_name="conditions", row_id="harp-elbow", name="Hrpl")
    link = find(copy, "claim_conditions", mention="HRPL")
    place = at(copy, "claim_conditions", link).removesuffix(": ")
    return [f'{at(copy, "names", "zz-1")}name="Hrpl": {place} names the row so already; remove this row']


@case("name_is_new_to_its_row")
def name_is_there_twice(copy):
    add_name(copy, "zz-1", name="P.O.")
    place = at(copy, "names", "routes-oral-p-o").removesuffix(": ")
    return [f'{at(copy, "names", "zz-1")}name="P.O.": {place} names the row so already; remove this row']


@case("name_means_one_row")
def name_means_two_rows(copy):
    add_name(copy, "zz-1", row_id="nasal", name="BY SPOON")
    place = at(copy, "names", "routes-oral-by-spoon").removesuffix(": ")
    return [
        f'{at(copy, "names", "zz-1")}name="BY SPOON": {place} means oral; '
        "a name means one row, so keep it for one"
    ]


@case("name_means_one_row")
def name_is_the_label_of_another_row(copy):
    add_name(copy, "zz-1", name="nasal")
    place = at(copy, "routes", "nasal").removesuffix(": ")
    return [
        f'{at(copy, "names", "zz-1")}name="nasal": {place} means nasal; a name means one row, so keep it for one'
    ]


@case("name_has_a_basis")
def code_is_mapped_to_another_row(copy):
    key = find(copy, "names", name="by spoon")
    copy.edit("names", key, basis="MESH:D9990002")
    return [
        f'{at(copy, "names", key)}basis="MESH:D9990002": not mapped to oral; '
        "name a code that is, or a line of the question log"
    ]


def add_name(copy, name_id, **cells):
    copy.append(
        "names",
        **{
            "name_id": name_id,
            "table_name": "routes",
            "row_id": "oral",
            "name": "the long spoon",
            "name_type": "lay_term",
            "basis": "questions: harp_player, line 2",
        }
        | cells,
    )


def test_two_tables_may_share_a_name(package_copy):
    add_name(package_copy, "zz-1", name="aching bladder")
    assert messages(package_copy) == []


@pytest.mark.parametrize(("rule", "break_copy"), cases_of(__name__))
def test_what_is_broken_is_reported(rule, break_copy, package_copy):
    check_case(rule, break_copy, package_copy)
