"""Metrics: plain functions on feature arrays, listed here once; they import neither models nor torch.

Each takes the features of reals and of generated scenes, a row per scene, and those of the training images where it is
about memorisation: ``frechet_distance(real, generated)``. The metrics of layouts and of segmentation take the blocks
that the protocols of these names make.
"""

from sbgan_bench.metrics.data_copying import ct_score
from sbgan_bench.metrics.diversity import Variety, collapse_note, diversity, is_collapsed, variety, variety_notes
from sbgan_bench.metrics.extrapolation import Extrapolation, frechet_infinity
from sbgan_bench.metrics.frechet import frechet_distance, frechet_from_statistics
from sbgan_bench.metrics.inception import inception_score
from sbgan_bench.metrics.kernel import kernel_distance
from sbgan_bench.metrics.layout_components import component_count, component_size
from sbgan_bench.metrics.layouts import (
    class_adjacency,
    class_co_occurrence,
    class_frequency_divergence,
    frechet_segmentation_distance,
    spatial_prior,
)
from sbgan_bench.metrics.manifold import coverage, density, precision, recall
from sbgan_bench.metrics.memorisation import Memorisation, memorisation
from sbgan_bench.metrics.segmentation import frequency_weighted_iou, mean_iou, pixel_accuracy

__all__ = [
    "Extrapolation",
    "Memorisation",
    "Variety",
    "class_adjacency",
    "class_co_occurrence",
    "class_frequency_divergence",
    "collapse_note",
    "component_count",
    "component_size",
    "coverage",
    "ct_score",
    "density",
    "diversity",
    "frechet_distance",
    "frechet_from_statistics",
    "frechet_infinity",
    "frechet_segmentation_distance",
    "frequency_weighted_iou",
    "inception_score",
    "is_collapsed",
    "kernel_distance",
    "mean_iou",
    "memorisation",
    "pixel_accuracy",
    "precision",
    "recall",
    "spatial_prior",
    "variety",
    "variety_notes",
]
