"""Baselines that the Semantic Bottleneck GAN is measured against; each plugs in by one entry point."""
