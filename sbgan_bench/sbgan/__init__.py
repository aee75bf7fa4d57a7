"""The Semantic Bottleneck GAN: layout stage, image stage, end-to-end fine-tuning."""
