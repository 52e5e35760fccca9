"""Pages about the data: home, catalogue, downloads, dictionary, texts, and descriptions for machines."""
