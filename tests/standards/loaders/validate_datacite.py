"""Command: validates a file by DataCite's schema 4.5, and writes it as XML, in which deposits are made."""

import json
import sys
from pathlib import Path

from datacite import schema45


def main(file: str) -> None:
    """Stops with the first error."""
    described = json.loads(Path(file).read_text(encoding="utf-8"))
    schema45.validator.validate(described)
    print(schema45.tostring(described))


if __name__ == "__main__":
    main(*sys.argv[1:])
