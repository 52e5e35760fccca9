"""Checks that apply to any data package, from the bytes of its files to keys across tables."""
