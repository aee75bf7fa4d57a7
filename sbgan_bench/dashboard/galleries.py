"""Which sample pictures stand beside each other: by model, by seed, by layout."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sbgan_bench.dashboard.selection import Choice
from sbgan_bench.dashboard.view import View
from sbgan_bench.manifest import GalleryRecord
from sbgan_bench.places import size_of
from sbgan_bench.report.wording import count, settings_text
from sbgan_bench.results import FLOOR, UNTRAINED, ResultRow
from sbgan_bench.samples import LayoutSource

#: Scenes of a gallery that can be looked at.
MOST_SCENES = 4096
#: Images that are longer than this many times their other side are shown in the shape of others.
_NARROWEST = 6


@dataclass(frozen=True, slots=True)
class Gallery:
    """The sample pictures of one model."""

    index: int  #: in the table of contents; part of the addresses of its pictures
    record: GalleryRecord
    label: str  #: "SB-GAN"
    detail: str  #: "both stages fine-tuned, training seed 1"

    @property
    def name(self) -> str:
        """Label and detail on one line."""
        return f"{self.label}, {self.detail}" if self.detail else self.label

    def has(self, kind: str) -> bool:
        """Whether there are pictures of a kind, "image" or "layout"."""
        return self.record.has_layouts if kind == "layout" else self.record.has_images

    @property
    def count(self) -> int:
        """Number of its scenes, as the table of contents says."""
        return min(max(0, self.record.count), MOST_SCENES)

    @property
    def shape(self) -> tuple[int, int]:
        """(H, W) of its images as the table of contents says; 1 by 2 where that is no size of a scene."""
        shape = size_of(self.record.resolution) or (0, 0)
        return shape if min(shape) > 0 and max(shape) <= _NARROWEST * min(shape) else (1, 2)


def galleries(view: View) -> tuple[Gallery, ...]:
    """Return the galleries of the data chosen: the truth, then models in the order of tables, untrained ones last."""

    def make() -> tuple[Gallery, ...]:
        records = enumerate(view.manifest.galleries)
        several = _varies(view.manifest.galleries, view.choice)
        made = [_gallery(view, index, record, several) for index, record in records if _chosen(record, view.choice)]
        return tuple(sorted(made, key=lambda one: _order(one.record, view)))

    return view.opened.once(("galleries", view.choice), make)


def _chosen(record: GalleryRecord, choice: Choice) -> bool:
    return (
        choice.covers(record.dataset, record.resolution)
        and (not choice.seeds or record.training_seed in choice.seeds or record.training_seed is None)
        and (not choice.models or record.model in choice.models or record.model == FLOOR)
    )


def _varies(records: Iterable[GalleryRecord], choice: Choice) -> dict[str, bool]:
    """Say which facts differ among the galleries chosen, so that their labels must say them."""
    chosen = [record for record in records if record.model != FLOOR and _chosen(record, choice)]
    facts: dict[str, Callable[[GalleryRecord], object]] = {
        "seed": lambda record: record.training_seed,
        "images": lambda record: record.training_images,
        "place": lambda record: (record.dataset, record.resolution),
    }
    return {name: len({fact(record) for record in chosen}) > 1 for name, fact in facts.items()}


def _gallery(view: View, index: int, record: GalleryRecord, several: dict[str, bool]) -> Gallery:
    place = f"{record.dataset} {record.resolution.replace('x', '×')}" if several["place"] else ""
    if record.model == FLOOR:
        return Gallery(index, record, "Real", ", ".join(filter(None, ("never trained on", place))))
    detail = [
        settings_text(record.recipe, record.variant),
        f"seed {record.training_seed}" if several["seed"] and record.training_seed is not None else "",
        f"{count(record.training_images)} training images" if several["images"] else "",
        place,
    ]
    return Gallery(index, record, view.opened.run.names.title(record.model), ", ".join(filter(None, detail)))


def _order(record: GalleryRecord, view: View) -> tuple[object, ...]:
    where = (record.dataset, record.resolution, record.training_images or 0)
    order = view.opened.run.names.order(record.model, record.recipe, record.variant)
    return *where, record.model != FLOOR, record.recipe == UNTRAINED, *order, record.training_seed or 0


def of_row(found: Iterable[Gallery], row: ResultRow) -> Gallery | None:
    """Return the gallery of the model that a row scores: of its lowest training seed where the row sums up several."""
    facts = ("model", "recipe", "variant", "dataset", "resolution", "training_images", "layout_source")
    wanted = [getattr(row, fact) for fact in facts]
    same = [one for one in found if [getattr(one.record, fact) for fact in facts] == wanted]
    seeds = [one for one in same if row.training_seed in (None, one.record.training_seed)]
    return min(seeds or same, key=lambda one: one.record.training_seed or 0, default=None)


def truth(found: Iterable[Gallery], record: GalleryRecord | ResultRow) -> Gallery | None:
    """Return the real images of the same data."""
    place = (record.dataset, record.resolution)
    real = (one for one in found if one.record.model == FLOOR)
    return next((one for one in real if (one.record.dataset, one.record.resolution) == place), None)


def drawn_from_noise(found: Iterable[Gallery]) -> tuple[Gallery, ...]:
    """Return those of models that draw their own layouts, or none."""
    return tuple(
        one for one in found if one.record.model != FLOOR and one.record.layout_source is not LayoutSource.REAL
    )


def painted_from_real(found: Iterable[Gallery]) -> tuple[Gallery, ...]:
    """Return those of models that painted the same real layouts."""
    return tuple(one for one in found if one.record.model != FLOOR and one.record.layout_source is LayoutSource.REAL)
