"""A pinhole camera above the road, looking along z with x to the right and y up, in metres."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class View:
    """Where the camera looks, in fractions of the picture, so that it is the same at every size."""

    horizon: float  #: row of the horizon / picture height
    focal: float  #: focal length / picture width
    height: float  #: of the camera above the road, metres


@dataclass(frozen=True, slots=True)
class Camera:
    """A view at a size in pixels."""

    view: View
    rows: int
    columns: int

    @property
    def focal(self) -> float:
        """Focal length in pixels."""
        return self.view.focal * self.columns

    def project(self, x: float, y: float, z: float) -> tuple[float, float]:
        """Return (column, row) of a point in front of the camera, z > 0."""
        scale = self.view.focal * self.columns / z
        return 0.5 * self.columns + scale * x, self.view.horizon * self.rows + scale * (self.view.height - y)

    def rays(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return x/z per column ``(1, W)`` and (camera height - y)/z per row ``(H, 1)`` at the pixel centres."""
        columns = (np.arange(self.columns, dtype=np.float32) + 0.5 - 0.5 * self.columns) / np.float32(self.focal)
        rows = (np.arange(self.rows, dtype=np.float32) + 0.5 - self.view.horizon * self.rows) / np.float32(self.focal)
        return columns[None, :], rows[:, None]
