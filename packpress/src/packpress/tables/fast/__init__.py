"""The columnar engine: blocks of a file as Arrow arrays."""
