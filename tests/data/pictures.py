"""Pictures of the site over the real data: those of the README and for other sites, and contact sheets to look at.

`python -m tests.data.pictures` expects `build/`, `dist/public/` and `dist/static/`, as `make pictures` does.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.conftest import ARGUMENTS, CHROMIUM
from tests.site_client import find_port, serve_build

ROOT = Path(__file__).parents[2]
DATABASE = "/ketamine_pain"
CLAIM = f"{DATABASE}/claims/fpm-ketamine-c038"
CONDITION = f"{DATABASE}/conditions/complex-regional-pain-syndrome"
# One page of each type, by its name on the sheets.
PAGES = {
    "home": "/",
    "sources": "/sources",
    "reader": "/sources/fpm-ketamine",
    "conditions": "/conditions",
    "condition": CONDITION,
    "effects": "/adverse-effects",
    "effect": f"{DATABASE}/adverse_effects/dissociative-effects",
    "routes": "/routes",
    "compare": "/compare/fpm-ketamine/clinic-ketamine",
    "map": "/map",
    "charts": "/charts",
    "disagreements": "/disagreements",
    "claims": f"{DATABASE}/claims_flat",
    "claim": CLAIM,
    "references": "/references?form=corrected",
    "reference": f"{DATABASE}/references/fpm-ketamine-r02",
    "question": f"{DATABASE}/contraindications",
    "search": f"{DATABASE}/search?q=CRPS",
    "method": "/method",
    "dictionary": "/dictionary",
    "downloads": "/downloads",
    "database": DATABASE,
}
LOOKS: dict[str, tuple[int, dict[str, str]]] = {
    "wide": (1280, {}),
    "narrow": (390, {}),
    "dark": (1280, {"color_scheme": "dark"}),
    "print": (800, {"media": "print"}),
}
# The pictures of the README, and those that other sites show for a type of page: path, width and height.
DOCS = {
    "reader": ("/sources/fpm-ketamine", 1280, 900),
    "condition": (CONDITION, 1280, 1600),
    "claim": (CLAIM, 1280, 1600),
    "map": ("/map", 1280, 1600),
}
SHARED = {
    "home": "/",
    "sources": "/sources/fpm-ketamine",
    "claims": CLAIM,
    "conditions": CONDITION,
    "map": "/map",
    "disagreements": "/disagreements",
}


@contextmanager
def serve_folder(folder: Path) -> Iterator[str]:
    """Address of a folder, as any web host serves it."""
    port = find_port()
    line = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", str(folder)]
    with subprocess.Popen(line, stderr=subprocess.DEVNULL) as process:
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def take(browser: Any, url: str, file: Path, size: tuple[int, int], is_whole: bool, **media: str) -> None:
    """Photographs a page, or as much of it as fits."""
    page = browser.new_page(viewport={"width": size[0], "height": size[1]})
    page.emulate_media(**media)
    page.goto(url)
    file.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(file), full_page=is_whole)
    page.close()


def write_sheet(folder: Path, edition: str) -> None:
    """A page with the pictures of one edition, a row for each type of page."""
    rows = "".join(
        f"<tr><th>{escape(name)}"
        + "".join(
            f'<td><a href="{name}-{look}.png"><img src="{name}-{look}.png" width="320"></a>' for look in LOOKS
        )
        for name in PAGES
    )
    heads = "".join(f"<th>{look}" for look in ("", *LOOKS))
    (folder / "index.html").write_text(
        f"<!DOCTYPE html><meta charset=utf-8><title>{escape(edition)}</title>"
        f"<table style='vertical-align:top'><tr>{heads}{rows}</table>",
        encoding="utf-8",
    )


def main() -> None:
    """Makes all pictures anew and prints where they are."""
    sheets = ROOT / "dist" / "pictures"
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        with serve_build(ROOT / "build") as full:
            for name, (path, width, height) in DOCS.items():
                take(browser, full + path, ROOT / "docs" / f"{name}.png", (width, height), False)
            for name, path in SHARED.items():
                file = ROOT / "site" / "ketamine_site" / "static" / f"share-{name}.png"
                take(browser, full + path, file, (1200, 630), False)
        editions = {
            "full": serve_build(ROOT / "build"),
            "public": serve_build(ROOT / "dist" / "public", "--profile", "public"),
            "static": serve_folder(ROOT / "dist" / "static"),
        }
        for edition, opened in editions.items():
            with opened as address:
                for name, path in PAGES.items():
                    for look, (width, media) in LOOKS.items():
                        file = sheets / edition / f"{name}-{look}.png"
                        take(browser, address + path, file, (width, 900), True, **media)
            write_sheet(sheets / edition, edition)
            print(sheets / edition / "index.html")
        browser.close()


if __name__ == "__main__":
    main()
