"""Editing: what changes tables, compares them, and names what is new."""
