"""The descriptor: its model, where its files lie, and what may stand in it."""
