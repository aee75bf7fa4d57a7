"""Crowd platforms: who somebody is without keeping it, batches to send out, answers to bring back."""
