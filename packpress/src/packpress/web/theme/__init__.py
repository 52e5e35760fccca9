"""What pages are made of: templates, the style sheet, and for pages without a server scripts and SQLite."""

from pathlib import Path

THEME = Path(__file__).parent
