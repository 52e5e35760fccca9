"""Claims: the page of a claim, its surroundings, its citation, and how to suggest a correction."""
