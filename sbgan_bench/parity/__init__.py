"""Holding the networks here against numbers that the released ones produced (docs/parity.md)."""
