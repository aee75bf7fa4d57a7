"""Comparing models: which differences are more than chance, how large they are, and whether metrics agree."""
