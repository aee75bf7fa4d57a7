"""What stands so far away that only its outline shows."""

from dataclasses import dataclass

from sbgan_bench.datasets.street_scenes.canvas import Canvas, Colour, Material, Point
from sbgan_bench.datasets.street_scenes.labels import Label


@dataclass(frozen=True, slots=True)
class Hill:
    """A ridge across the whole view."""

    z: float
    crest: tuple[float, ...]  #: heights in metres, evenly spaced from left to right

    @property
    def reach(self) -> float:
        """Depth."""
        return self.z

    def cast(self, canvas: Canvas) -> None:
        """Cast nothing: it is too far away."""

    def draw(self, canvas: Canvas) -> None:
        """Paint its outline."""
        step = 2.0 * self.z / (len(self.crest) - 1)
        outline: list[Point] = [(step * index - self.z, height, self.z) for index, height in enumerate(self.crest)]
        hill = canvas.add(Label.TERRAIN, (0.34, 0.42, 0.28), Material.FOLIAGE, offset=self.z, sun=0.4)
        canvas.polygon(hill, [*outline, (self.z, 0.0, self.z), (-self.z, 0.0, self.z)])


@dataclass(frozen=True, slots=True)
class Tower:
    """A distant block of flats."""

    x: float
    z: float
    half_width: float
    height: float
    colour: Colour

    @property
    def reach(self) -> float:
        """Depth."""
        return self.z

    def cast(self, canvas: Canvas) -> None:
        """Cast nothing: it is too far away."""

    def draw(self, canvas: Canvas) -> None:
        """Paint it with a lit and a shaded half."""
        light = 0.5 + 0.4 * canvas.sun[0]
        for left, right, sun in ((-self.half_width, 0.2, 1 - light), (0.2, self.half_width, light)):
            wall = canvas.add(Label.BUILDING, self.colour, offset=self.z, sun=sun)
            canvas.box(wall, self.x + left, self.x + right, 0.0, self.height, self.z)
