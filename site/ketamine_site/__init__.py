"""The pages of this data set, which `pages.py` registers with packpress."""
