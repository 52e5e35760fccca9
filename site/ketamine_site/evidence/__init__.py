"""Evidence: maps, charts and disagreements, which show the claims of all sources side by side."""
