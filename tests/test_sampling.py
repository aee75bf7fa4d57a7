import numpy as np
import torch
from torch import nn

from sbgan_bench.samples import SampleBatch
from sbgan_bench.sampling import sample_in_batches


def test_sampling_takes_no_shortcuts_and_leaves_the_settings_as_they_were():
    seen = []

    def generate(noise, layouts):
        flags = torch.backends.cudnn
        seen.append((flags.allow_tf32, flags.benchmark, flags.deterministic, torch.is_inference_mode_enabled()))
        return SampleBatch(images=np.zeros((len(noise), 3, 4, 8), np.uint8))

    before = torch.backends.cudnn.allow_tf32, torch.backends.cudnn.benchmark, torch.backends.cudnn.deterministic
    for _ in sample_in_batches(nn.Linear(1, 1), generate, range(40)):
        assert not torch.is_inference_mode_enabled()
        now = torch.backends.cudnn.allow_tf32, torch.backends.cudnn.benchmark, torch.backends.cudnn.deterministic
        assert now == before
    assert seen == [(False, False, True, True)] * 2
