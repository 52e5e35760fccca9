"""Streams: CSV that breaks off is broken off, not ended as if it were whole."""

from typing import Any

from packpress.web.policy import App


def end_honestly(app: App) -> App:
    """The application, whose CSV is not ended when an error or its limit cut it short.

    Datasette writes the error as a last line and ends. Where it comes to a good end it writes an empty piece
    before it. By that both are told apart, and without an end the client knows that the file is not whole.
    """

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or not scope["path"].endswith(".csv"):
            await app(scope, receive, send)
            return
        is_stream, last = True, b""

        async def send_on(message: dict[str, Any]) -> None:
            nonlocal is_stream, last
            if message["type"] == "http.response.start":
                is_stream = not any(name.lower() == b"content-length" for name, _ in message["headers"])
            if is_stream and message["type"] == "http.response.body":
                if not message.get("more_body") and last:
                    return
                last = message.get("body", b"")
            await send(message)

        await app(scope, receive, send_on)

    return answer
