"""The nearest value: what difflib finds, and no sooner than somebody reads it."""

from difflib import get_close_matches

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packpress.checks.validation import validate_package
from packpress.package.descriptor import read_descriptor
from packpress.similar import nearest_value

from invented.packages import field, table, write_package
from packpress import similar

TEXTS = st.text("abc d", min_size=1, max_size=7)


@settings(deadline=None)
@given(TEXTS, st.lists(TEXTS, unique=True, max_size=8))
def test_the_nearest_value_is_that_of_difflib(value, allowed):
    assert [nearest_value(value, allowed)] == (get_close_matches(value, allowed, n=1) or [""])


@pytest.mark.parametrize("constraint", ["enum", "categories"])
def test_nearest_values_are_sought_only_for_what_is_printed(constraint, tmp_path, monkeypatch):
    sought = []
    monkeypatch.setattr(similar, "nearest_value", lambda value, allowed: sought.append(value) or "")
    allowed = [f"genus {number}" for number in range(30)]
    texts = ["s\n" + "".join(f"genus {number} of {part}\n" for number in range(30)) for part in "ab"]
    (tmp_path / "b.csv").write_text(texts[1])
    declared = table("t", texts[0], [field("s", **{constraint: allowed})])
    path = write_package(tmp_path, declared)
    path.write_text(path.read_text().replace('"t.csv"', '["t.csv", "b.csv"]'))
    report = validate_package(read_descriptor(path))
    assert len(report.problems) == 60
    assert sought == [f"genus {number} of {part}" for part in "ab" for number in range(20)]
