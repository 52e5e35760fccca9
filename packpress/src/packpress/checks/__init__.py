"""Checks that any data package is held to, from the bytes of its files to keys across tables."""
