"""What an estimated variance is worth: its value without bias, and its degrees of freedom."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EstimatedVariance:
    """An estimate V of the variance of a mean, or of a difference of means, and how well it is known."""

    value: float  #: scores squared, > 0
    freedom: float  #: >= 1: of the t that the estimate over its root follows

    @classmethod
    def of(cls, *, unbiased: float, expected: float, spread: float, least: float) -> "EstimatedVariance":
        """Give V the degrees of freedom 2 E(V)² / Var(V) (Satterthwaite 1946, Biometrics Bulletin 2, 110-114).

        Both moments are those that V has at the components as estimated, where they are cut off at 0. V itself is not
        made of components that are cut off: where raters differ little, or their leanings cancel in a difference, that
        would make it too large by a tenth, and intervals with it.

        Args:
            unbiased: V, which chance can make small or even negative in small designs.
            expected: E(V); > 0.
            spread: Var(V).
            least: What the variance is at least: that of as many ratings of different images, without raters.
        """
        return cls(max(unbiased, least) or expected, max(1.0, 2 * expected**2 / spread))
