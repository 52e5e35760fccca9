"""The workbench in the browser: pages on which a curator reads a draft, marks words and makes claims."""
