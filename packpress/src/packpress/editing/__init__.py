"""Editing: changing tables, comparing versions, naming new rows, and releasing."""
