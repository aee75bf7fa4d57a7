"""Which metrics have a form of their own for many choices of rows from one pool."""

from collections.abc import Callable, Mapping

from sbgan_bench.comparing.pool import AbstractPooledMetric, Compute, PooledAny
from sbgan_bench.comparing.pool_frechet import PooledFrechet
from sbgan_bench.comparing.pool_kernel import PooledKernel
from sbgan_bench.metric import Features
from sbgan_bench.metrics.frechet import frechet_distance
from sbgan_bench.metrics.kernel import kernel_distance

#: By the plain function, so that a metric of the same name that computes something else is not taken for it.
_FAST: Mapping[Compute, Callable[[Features, Features], AbstractPooledMetric]] = {
    frechet_distance: PooledFrechet.of,
    kernel_distance: PooledKernel.of,
}


def pooled(compute: Compute, reference: Features, pool: Features) -> AbstractPooledMetric:
    """Prepare a metric between ``(M, D)`` reals and any rows of a pool of ``(P, D)`` features.

    Raises:
        BenchError: Features that the metric refuses.
    """
    fast = _FAST.get(compute)
    return PooledAny(compute, reference, pool) if fast is None else fast(reference, pool)
