"""The files that pages are made of: templates, the style sheet, and scripts and SQLite for static sites."""

from pathlib import Path

THEME = Path(__file__).parent
