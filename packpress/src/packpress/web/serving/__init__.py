"""Serving: the middleware between requests and pages; the same for both profiles, with different limits."""
