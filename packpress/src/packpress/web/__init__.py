"""The site of a build: Datasette, with pages that work for any package."""
