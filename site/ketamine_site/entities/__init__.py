"""Entities: pages of conditions, routes, adverse effects, concepts and references."""
