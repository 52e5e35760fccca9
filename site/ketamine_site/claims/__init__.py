"""Claims: the card of a claim, what stands around it, how it is cited and corrected."""
