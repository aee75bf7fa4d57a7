import shutil

import pytest
import torch
from annotation.scenes import facts, network

from sbgan_bench.annotation.weights import save_segmenter


@pytest.fixture(autouse=True)
def _one_thread():
    """Bit-exact laws hold for a fixed number of threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(autouse=True)
def _leave_little(tmp_path):
    """Weights and checkpoints are large, and pytest keeps what tests leave."""
    yield
    shutil.rmtree(tmp_path, ignore_errors=True)


@pytest.fixture(scope="session")
def segmenter(tmp_path_factory):
    """Folder of an untrained segmenter of three classes."""
    folder = tmp_path_factory.mktemp("segmenter")
    save_segmenter(folder, network(), facts())
    return folder
