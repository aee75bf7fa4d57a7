"""Networks of the SB-GAN family, with the official state-dict keys."""
