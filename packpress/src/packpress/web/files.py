"""Files: answers that are sent from disk, piece by piece."""

import asyncio
import os
from typing import IO, Any

from datasette.utils.asgi import Response, asgi_start

CHUNK = 2**16


class FileResponse(Response):  # type: ignore[misc]
    """An open file, which is closed, and gone if it has no name, when it is sent or the client is."""

    def __init__(self, file: IO[bytes], kind: str, headers: dict[str, str], is_head: bool = False) -> None:
        size = file.seek(0, os.SEEK_END)
        super().__init__(headers={**headers, "content-length": str(size)}, content_type=kind)
        self.file = file
        self.is_head = is_head

    async def asgi_send(self, send: Any) -> None:
        """Sends the head and, unless that is all that was asked for, the file."""
        with self.file:
            self.file.seek(0)
            await asgi_start(send, self.status, self.headers, self.content_type)
            while not self.is_head and (chunk := await asyncio.to_thread(self.file.read, CHUNK)):
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
