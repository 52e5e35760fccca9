"""The columnar engine: blocks of a file as columns, and all that is asked of Arrow and numpy."""
