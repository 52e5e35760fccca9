"""Every word that the real data quotes stands where its anchor says."""

# ruff: noqa: F401

import pytest

from tests.conftest import build_edition, run
from tests.test_publish_anchors import (
    tables,
    test_any_words_of_our_passages_are_found,
    test_every_anchor_leads_to_its_words,
    test_every_verbatim_field_has_an_anchor_unless_its_words_stand_in_no_single_passage,
    test_the_published_anchors_are_these,
)

pytestmark = pytest.mark.long


@pytest.mark.parametrize("edition", ["full", "quotes", "none"])
def test_whoever_holds_the_documents_can_verify_every_anchor(package, tmp_path, edition):
    build = build_edition(package, tmp_path / "build", edition)
    done = run("verify_anchors", str(package.root / "data" / "sources"), "--build", str(build))
    assert done.returncode == 0, done.stdout
    assert all(line.endswith("anchors hold") for line in done.stdout.splitlines())
