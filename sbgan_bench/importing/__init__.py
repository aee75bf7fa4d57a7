"""Checkpoints that others trained, read without running their code and turned into ordinary saved models."""
