"""The curators' workbook of the data: it comes back as it went, and drafts may lose rows."""

import pytest
from packpress.tables.rows import read_tables

from invented.workbooks import Desk
from scripts.curation.drafts import find_drafts


@pytest.mark.long
def test_the_tables_come_back_byte_for_byte(package_copy, monkeypatch):
    desk = Desk(package_copy.descriptor, monkeypatch)
    desk.export()
    before = desk.tables()
    done = desk.bring_back("--yes")
    assert (done.exit_code, done.output) == (0, "the workbook changes nothing\n")
    assert desk.tables() == before


def test_the_rows_that_hang_off_a_source_in_progress_are_drafts(package_copy):
    package_copy.edit("sources", "clinic-page", status="in_progress")
    package = package_copy.read()
    drafts = find_drafts(package, read_tables(package))
    claims = {row["claim_id"] for row in package_copy.rows("claims") if row["claim_id"].startswith("clinic-")}
    assert claims and drafts["claims"] == claims
    assert drafts["sources"] == {"clinic-page"}
    assert drafts["claim_types"] == set()
