"""About the data: home, catalogue, downloads, dictionary, method, and descriptions for machines."""
