"""What our pages are made of; `hooks.py` beside this folder hands it to Datasette."""
