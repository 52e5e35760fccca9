"""Nothing is served that the browser tests do not know of; in this process, without a browser."""

import re

from hooks import register_routes

from tests.browser.addresses import FILES, PAGES, PICTURES


def test_every_address_of_ours_is_known_here():
    paths = [path.partition("?")[0] for path in (*PAGES.values(), *PICTURES, *FILES)]
    unknown = [route for route, _ in register_routes() if not any(re.match(route, path) for path in paths)]
    assert unknown == []
