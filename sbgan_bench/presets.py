"""Named sets of choices where the SB-GAN paper and the released code differ; models say what each means to them."""

import enum


class Preset(enum.StrEnum):
    """Whose choices. A model lists the settings that a preset changes in its ``presets``; explicit values win."""

    PAPER = "sbgan-paper"  #: the text of the paper (default)
    RELEASED = "sbgan-released"  #: what the released code does
