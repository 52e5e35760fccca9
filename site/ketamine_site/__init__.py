"""The pages of this data set; `pages.py` registers them with packpress."""
