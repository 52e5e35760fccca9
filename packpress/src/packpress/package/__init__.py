"""The descriptor: its model, the profile that it is checked against, and the files that it refers to."""
