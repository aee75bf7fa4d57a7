"""Reading a run folder that others may have made: what is missing, damaged or outside it is left out."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from sbgan_bench.comparing.correlation import CORRELATIONS, RankCorrelation, read_correlations
from sbgan_bench.comparing.rows import COMPARISONS, Comparison, read_comparisons
from sbgan_bench.manifest import RATINGS, RESULTS, FitRecord, GalleryRecord, Manifest
from sbgan_bench.publication import PUBLICATION, Publication
from sbgan_bench.report.human_scores import HumanScores
from sbgan_bench.report.training_log import Stats, read_stats, with_distances
from sbgan_bench.report.wording import Names
from sbgan_bench.results import HUMAN_SCORE, ResultRow, read_rows
from sbgan_bench.within import file_within

#: Picture files of more bytes or pixels are not decoded, nor those of formats that no run writes: Pillow knows dozens,
#: and hands some of them to other programs.
MOST_BYTES, MOST_PIXELS = 32 * 2**20, 40_000_000
_FORMATS = ("PNG", "JPEG", "WEBP")


@dataclass(frozen=True, slots=True)
class Found:
    """The rows of one folder."""

    rows: tuple[ResultRow, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    correlations: tuple[RankCorrelation, ...] = ()

    @classmethod
    def read(cls, run: Path, below: str = "") -> "Found":
        """Read what is there of the three files in ``below`` a run folder; nothing outside it is opened."""
        inside = (file_within(run, f"{below}{name}") for name in (RESULTS, COMPARISONS, CORRELATIONS))
        results, tests, agreement = inside
        return cls(
            tuple(read_rows(results)) if results is not None else (),
            tuple(read_comparisons(tests)) if tests is not None else (),
            tuple(read_correlations(agreement)) if agreement is not None else (),
        )

    def of_people(self, other: "Found", names: Names) -> HumanScores:
        """Return the human scores of two folders, in the order in which tables show models."""
        rows = {row.cell(): row for row in (*self.rows, *other.rows) if row.metric == HUMAN_SCORE}
        tests = {one.key(): one for one in (*self.comparisons, *other.comparisons) if one.metric == HUMAN_SCORE}
        agreement = {
            one.key(): one for one in (*self.correlations, *other.correlations)
            if HUMAN_SCORE in (one.metric, one.other_metric)
        }  # fmt: skip

        def order(row: ResultRow) -> tuple[object, ...]:
            return row.protocol, row.dataset, *names.order(row.model, row.recipe, row.variant), row.cell()

        return HumanScores(tuple(sorted(rows.values(), key=order)), tuple(tests.values()), tuple(agreement.values()))


@dataclass(frozen=True, slots=True)
class RunFolder:
    """A run as readers see it."""

    path: Path
    manifest: Manifest
    rows: tuple[ResultRow, ...]  #: of metrics
    names: Names = field(default_factory=Names)
    comparisons: tuple[Comparison, ...] = ()
    correlations: tuple[RankCorrelation, ...] = ()
    human: HumanScores = field(default_factory=HumanScores)  #: what people said, wherever in the folder it stands
    publication: Publication | None = None  #: of a published run: what was left out, and terms of use

    @classmethod
    def read(cls, path: Path) -> "RunFolder":
        """Read ``run.json`` and, where there are results already, those, their comparisons and correlations.

        Human scores are kept apart: they are found among the results, or in the report of a study in ``ratings/``.

        Raises:
            CorruptFileError: There is no ``run.json``, or a file is damaged.
        """
        own, rated = Found.read(path), Found.read(path, f"{RATINGS}/")
        publication = Publication.read(path) if file_within(path, PUBLICATION) else None
        return cls.of(path, Manifest.read(path), own, rated, publication)

    @classmethod
    def of(
        cls, path: Path, manifest: Manifest, own: Found, rated: Found, publication: Publication | None
    ) -> "RunFolder":
        """Put together what was read of a run folder and, ``rated``, of the ``ratings`` folder in it."""
        titles = {fit.model: fit.title for fit in manifest.fits}
        titles |= {gallery.model: gallery.title for gallery in manifest.galleries if gallery.model not in titles}
        names = Names(titles)
        return cls(
            path,
            manifest,
            tuple(row for row in own.rows if row.metric != HUMAN_SCORE),
            names,
            tuple(one for one in own.comparisons if one.metric != HUMAN_SCORE),
            tuple(one for one in own.correlations if HUMAN_SCORE not in (one.metric, one.other_metric)),
            own.of_people(rated, names),
            publication,
        )

    def rated_title(self, row: ResultRow) -> str:
        """Return the printed name of what people rated."""
        return self.names.title(row.model)

    def file(self, relative: str) -> Path | None:
        """Return a file of the run, or None if it is missing or would lie outside the folder."""
        return file_within(self.path, relative)

    def tiles(self, gallery: GalleryRecord, kind: str, most: int = 8) -> list[NDArray[np.uint8] | None]:
        """Read the first tiles of a gallery, each ``(H, W, 3)``, None in the place of an unreadable one.

        Args:
            gallery: Which gallery.
            kind: "image" or "layout".
            most: Number of tiles wanted.
        """
        paths = (self.file(f"{gallery.folder}/{i:04d}.{kind}.png") for i in range(min(most, gallery.count)))
        return [read_picture(path) if path is not None else None for path in paths]

    def stats(self, fit: FitRecord) -> Stats:
        """Read what a training logged, the distances of its snapshots first; damaged lines are left out."""
        path = self.file(fit.stats)
        return with_distances(fit, read_stats(path) if path is not None else Stats())


def open_picture(path: Path) -> Image.Image | None:
    """Decode an image file as RGB; None if it is no picture of a format that runs hold, or a huge one."""
    try:
        if path.stat().st_size > MOST_BYTES:
            return None
        with Image.open(path, formats=_FORMATS) as picture:
            return picture.convert("RGB") if picture.width * picture.height <= MOST_PIXELS else None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


def read_picture(path: Path) -> NDArray[np.uint8] | None:
    """Decode an image file as ``open_picture`` does, into ``(H, W, 3)``."""
    picture = open_picture(path)
    return None if picture is None else np.asarray(picture)
