"""Nothing is served that the browser tests do not know of; in this process, without a browser."""

import re

from ketamine_site.pages import PAGES as OURS
from packpress.web.routes import OVER_DATASETTE, ROUTES

from tests.browser.addresses import FILES, PAGES, PICTURES


def test_every_address_of_ours_is_known_here():
    paths = [path.partition("?")[0] for path in (*PAGES.values(), *PICTURES, *FILES)]
    patterns = [
        *(route.pattern for route in (*OURS.routes, *ROUTES)),
        *(pattern for pattern, _ in OVER_DATASETTE),
    ]
    # Our own search takes the place of the one for any package.
    unknown = [
        route
        for route in patterns
        if not any(re.match(route, path) for path in (*paths, "/search", "/static/site.css", "/x.html"))
    ]
    assert unknown == []
