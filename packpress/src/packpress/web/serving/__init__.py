"""Serving: what stands between a request and the pages; the same in both profiles, in other measures."""
