"""Suites: packages written from the standard and mistakes that people make, which docs/validation.md shows too."""
