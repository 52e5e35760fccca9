"""A page in a browser, and what it asked for."""

from typing import Any


def is_icon(request: Any) -> bool:
    """Whether a browser asked for the icon of a page."""
    return bool(request.url.endswith("/favicon.svg"))


class Visit:
    """A page in a tab of its own, with what was asked for and what went wrong since it was opened."""

    def __init__(self, browser: Any, address: str, name: str = "", **context: Any) -> None:
        self.address = address
        self.name = name
        self.page = browser.new_page(**{"viewport": {"width": 1280, "height": 900}, **context})
        self.asked: list[str] = []
        self.failed: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        # A page that is left does not wait for its icon.
        self.page.on("requestfailed", lambda request: is_icon(request) or self.failed.append(request.url))
        self.page.on("pageerror", lambda error: self.failed.append(str(error)))
        self.page.on("console", lambda message: message.type == "error" and self.failed.append(message.text))

    def open(self, path: str) -> Any:
        """Goes to a path of the site; the answer, which is kept."""
        self.answer = self.page.goto(self.address + path)
        return self.answer

    def show(self, width: int = 1280, **media: str) -> None:
        """Shows the page in that width and, until the next time, with these preferences."""
        usual = {"media": "screen", "color_scheme": "light", "forced_colors": "none"}
        self.page.emulate_media(**{**usual, **media})
        self.page.set_viewport_size({"width": width, "height": 900})
