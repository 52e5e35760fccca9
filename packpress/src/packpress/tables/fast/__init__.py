"""The columnar engine: blocks of a file as columns, and everything that uses Arrow and numpy."""
