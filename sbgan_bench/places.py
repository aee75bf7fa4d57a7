"""Columns of tables as text: a dataset at a size."""


def covers(pattern: str, dataset: str, resolution: str) -> bool:
    """Whether "cityscapes-5k" or "cityscapes-5k/128x256" means this dataset at this size."""
    return pattern in (dataset, f"{dataset}/{resolution}")
