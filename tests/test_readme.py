"""What the README tells people to type works as it stands."""

import re

import duckdb
import pytest

from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def snippet(language, built):
    (code,) = re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)
    return code.replace("build/", f"{built}/")


def test_the_pandas_lines_find_hedged_claims(built):
    lines = snippet("python", built).rstrip().split("\n")
    names = {}
    exec("\n".join([*lines[:-1], f"answer = {lines[-1]}"]), names)
    assert len(names["answer"]) > 0
    assert list(names["answer"].columns) == ["short_name", "quote", "hedge"]
    assert names["answer"]["hedge"].notna().all()


def test_the_duckdb_lines_find_the_same(built):
    answer = duckdb.sql(snippet("sql", built)).fetchall()
    names = {}
    exec(snippet("python", built), names)
    claims = names["claims"]
    assert len(answer) == (claims["certainty"] == "hedged").sum() > 0


@pytest.mark.parametrize("path", re.findall(r"\]\((?!http)([^)#]+)\)", README))
def test_every_link_leads_somewhere(path):
    assert (ROOT / path).exists()
