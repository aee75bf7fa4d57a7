"""Telling a caller how far a long piece of work is."""


def no_report(*progress: object) -> None:
    """Report to nobody, whatever there is to say."""
    del progress
