"""Everything that knows the data set's tables: anchors, drafts, suggestions, and what the commands use."""
