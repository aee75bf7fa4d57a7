"""Studies that were rated and reported, for tests."""

from dataclasses import dataclass
from pathlib import Path

from rating.reporting.made_ratings import paper_cells, rate, study_of

from sbgan_bench.rating.folder import StudyFolder
from sbgan_bench.rating.reporting.material import Material, make_material
from sbgan_bench.rating.reporting.writing import write_report
from sbgan_bench.rating.store.records import Platform, Rating
from sbgan_bench.results import ResultRow

#: Mean of every cell of ``paper_cells``, before images, raters and chance.
MEANS = (3.5, 2.3, 2.0, 2.7, 3.5, 2.1, 2.45)


@dataclass(frozen=True)
class Reported:
    """A study, its ratings, and its report."""

    place: StudyFolder
    ratings: list[Rating]
    material: Material
    out: Path

    def text(self, name: str) -> str:
        return (self.out / name).read_text(encoding="utf-8")


def report(
    folder: Path, *, measured: list[ResultRow] | None = None, platform: Platform = Platform.INVITED
) -> Reported:
    """Make a study of seven cells, let 12 made-up raters and 2 careless ones score it, and write its report."""
    place = study_of(folder / "study", paper_cells(), images_per_cell=12, ratings_per_image=3, gold=2, repeats=4)
    ratings = rate(place, MEANS, careless=2, platform=platform)
    material = make_material(place.read(), place.read_key(), ratings, b"any", measured or [])
    write_report(material, folder / "out")
    return Reported(place, ratings, material, folder / "out")


def fids(metric: str = "frechet-distance") -> list[ResultRow]:
    """Values of one metric for every cell, in the order of the scores where less is better."""
    values = (8.0, 60.0, 70.0, 50.0, 9.0, 90.0, 60.0)
    return [
        ResultRow(
            suite="made up", dataset=cell.dataset, model=cell.model, recipe=cell.recipe, resolution=cell.resolution,
            layout_source=cell.layout_source, protocol="tf-compat", weights_hash="w" * 64, metric=metric, value=value,
            num_real=500, num_generated=500, training_seed=cell.training_seed,
        )
        for cell, value in zip(paper_cells(), values, strict=True)
    ]  # fmt: skip
