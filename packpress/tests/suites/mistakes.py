"""Common mistakes: what the validator says of a small package in which one thing is wrong."""

import json
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from packpress.checks.hygiene import OF_CELLS, OF_FILES, REACHES, Finding

from packpress import CannotRunError, read_package, validate

MISTAKES = Path(__file__).with_suffix(".yml")
DESCRIPTOR = "datapackage.json"


def render_mistakes() -> str:
    """Markdown of each mistake: what is wrong, and what is said of it."""
    declared = yaml.safe_load(MISTAKES.read_text(encoding="utf-8"))
    parts = [f"{len(declared['mistakes'])} mistakes, each in a small package that is valid without it."]
    for mistake in declared["mistakes"]:
        lines = "\n".join(list_messages(declared, mistake))
        parts.append(f"**{mistake['what']}**{_describe_change(mistake)}\n\n```\n{lines}\n```")
    return "\n\n".join(parts)


def list_messages(declared: Mapping[str, Any], mistake: Mapping[str, Any]) -> list[str]:
    """What is said of the package with one mistake, problems first."""
    files = {DESCRIPTOR: json.dumps(declared["package"])} | declared["files"]
    name = mistake["file"]
    if "old" in mistake:
        count = -1 if mistake.get("everywhere") else 1
        files[name] = files[name].replace(mistake["old"], mistake["new"], count)
    else:
        del files[name]
    with tempfile.TemporaryDirectory() as folder:
        for path, text in files.items():
            encoding = mistake.get("encoding", "utf-8") if path == name else "utf-8"
            (Path(folder) / path).write_bytes(text.encode(encoding))
        try:
            report = validate(read_package(Path(folder) / DESCRIPTOR))
        except CannotRunError as error:
            return [str(error).replace(f"{folder}/", "")]
    return [str(problem) for problem in (*report.problems, *report.notices)]


def _describe_change(mistake: Mapping[str, Any]) -> str:
    old, new = mistake.get("old"), mistake.get("new")
    if not old or mistake.get("everywhere"):
        return ""
    return f" (`{old}` → `{new}`)" if new else f" (`{old}` → nothing)"


def render_lint() -> str:
    """A table of every kind of lint: where it is looked for, and how seriously it is taken."""
    head = "| code | what | where | any package | a strict one |\n| --- | --- | --- | --- | --- |\n"
    return head + "\n".join(_list_findings())


def _list_findings() -> Iterator[str]:
    for code, finding in OF_FILES.items():
        yield _write_line(code, finding, "files")
    for code, finding in OF_CELLS.items():
        yield _write_line(code, finding, " and ".join(REACHES[name] for name in finding.reach))


def _write_line(code: str, finding: Finding, where: str) -> str:
    level = finding.level
    return f"| `{code}` | {finding.fault} | {where} | {level.otherwise} | {level.strict} |"
