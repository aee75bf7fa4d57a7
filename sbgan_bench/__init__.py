"""Honest benchmarking of generative models of complex scenes, built around the Semantic Bottleneck GAN."""

__version__ = "0.1.0"
