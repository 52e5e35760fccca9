"""Invented packages, and how tests break, build and edit them; the tests of a data set use them too."""
