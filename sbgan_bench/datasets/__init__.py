"""Datasets of image and label-map pairs, one file each."""
