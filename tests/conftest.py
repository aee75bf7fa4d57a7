"""What every test starts from."""

from collections.abc import Iterator

import pytest
import torch


@pytest.fixture(autouse=True)
def subnormal_numbers() -> Iterator[None]:
    """Commands that train switch subnormal numbers off for their whole process: here, that of other tests too."""
    yield
    torch.set_flush_denormal(False)
