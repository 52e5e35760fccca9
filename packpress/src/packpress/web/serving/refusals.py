"""Refusals: plain pages for requests that never reach Datasette, which could not show them in our frame."""

from typing import Any

from markupsafe import Markup

PAGE = Markup("""<!DOCTYPE html>
<html lang="en">
<head>
    <meta charset="utf-8">
    <title>Error {status}</title>
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <link rel="stylesheet" href="{root}-/static/app.css">
    <link rel="stylesheet" href="{root}static/site.css">
</head>
<body>
<section class="content"><main id="main">
<p class="eye">Error {status}</p>
<h1>{title}</h1>
<p class="lede">{words}</p>
<p><a href="{root}">Home</a></p>
</main></section>
</body>
</html>
""")
TITLES = {503: "The site is busy"}


async def refuse(send: Any, root: str, status: int, words: str, **headers: str) -> None:
    """Answers with a page that says what is wrong; nobody keeps it."""
    title = TITLES.get(status, "This could not be answered")
    body = str(PAGE.format(root=root, status=status, title=title, words=words)).encode()
    headers = {"cache-control": "no-store", **headers, "content-length": str(len(body))}
    await answer(send, status, "text/html; charset=utf-8", body, headers)


async def answer(send: Any, status: int, kind: str, body: bytes, headers: dict[str, str]) -> None:
    """A whole answer."""
    named = [(name.encode(), value.encode()) for name, value in {"content-type": kind, **headers}.items()]
    await send({"type": "http.response.start", "status": status, "headers": named})
    await send({"type": "http.response.body", "body": body})
