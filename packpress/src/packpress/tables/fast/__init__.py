"""The columnar engine: blocks of a file as columns; what is asked of these in Arrow and numpy is asked here."""
