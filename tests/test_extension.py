"""What the data set registers with packpress: all of it, and a build without it says so."""

import json

from packpress.extension import find_extension

from tests.conftest import PackageCopy, invoke


def test_the_extension_is_registered_whole(package, root):
    extension = find_extension(package)
    assert extension.rules and extension.pages
    assert extension.derivations.keys() <= {resource.name for resource in package.derived}
    assert all((root / path).is_file() for path in extension.texts)
    assert extension.pages().routes


def test_a_build_without_the_extension_names_it(package_copy: PackageCopy, tmp_path):
    raw = json.loads(package_copy.descriptor.read_text(encoding="utf-8"))
    raw["validation"] = {**raw["validation"], "rules": "absent"}
    package_copy.descriptor.write_text(json.dumps(raw), encoding="utf-8")
    package_copy.add_sql()
    done = invoke("build", str(package_copy.descriptor), "--output", str(tmp_path / "out"))
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert "nothing fills the derived table anchors; install the extension absent" in line
