"""The site over a build: Datasette with pages for any package."""
