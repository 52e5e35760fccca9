"""Documents: the reader of a source, with its claims beside the text."""
