"""Inference: from a folder of raw files to a first descriptor, with a question for everything doubtful."""
