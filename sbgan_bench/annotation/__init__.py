"""Pseudo-labels: a DRN segmenter trained on the labelled part of a dataset, and label maps for the rest."""
