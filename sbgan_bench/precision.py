"""The arithmetic of training; apart from ``training.run`` so that a suite can be read without torch."""

import enum


class Precision(enum.StrEnum):
    """Arithmetic of the networks' forward and backward passes; the gradient penalty is always float32."""

    FLOAT32 = "float32"
    BFLOAT16 = "bfloat16"
