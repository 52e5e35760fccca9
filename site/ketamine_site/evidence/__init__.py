"""Evidence: maps, charts and disagreements, the claims of all sources side by side."""
