"""The folder of a Mechanical Turk batch: what is uploaded, and what this project remembers of it."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sbgan_bench.config import Settings
from sbgan_bench.errors import ConfigError
from sbgan_bench.rating.crowd.template import image_variable
from sbgan_bench.rating.study import FrozenStudy
from sbgan_bench.storage import read_json


class Batch(Settings):
    """What a batch consists of (``batch.json``); nothing here says whose images they are."""

    schema_version: Literal[1] = 1
    study: str  #: hash of the study
    url_base: str  #: folder of the images on the web, without a slash at its end
    ratings_per_image: int  #: assignments of every HIT
    hits: tuple[tuple[str, ...], ...]  #: ids of images in the order shown

    @property
    def places(self) -> int:
        """Images of the largest HIT."""
        return max(len(hit) for hit in self.hits)

    @property
    def assignments(self) -> int:
        """Assignments that the whole batch asks for."""
        return len(self.hits) * self.ratings_per_image

    def image_url(self, image: str) -> str:
        """Return the address of an image."""
        return f"{self.url_base}/{image}.png"

    def row(self, hit: Sequence[str]) -> dict[str, str]:
        """Return the input CSV's row of a HIT: variable -> address, empty where the HIT is shorter than others."""
        urls = [self.image_url(image) for image in hit] + [""] * (self.places - len(hit))
        return {image_variable(number): url for number, url in enumerate(urls, start=1)}


@dataclass(frozen=True, slots=True)
class BatchFolder:
    """Where things of one batch lie."""

    path: Path

    @property
    def record(self) -> Path:
        """The batch as this project reads it again."""
        return self.path / "batch.json"

    @property
    def inputs(self) -> Path:
        """The input CSV."""
        return self.path / "input.csv"

    @property
    def template(self) -> Path:
        """The HTML template."""
        return self.path / "template.html"

    @property
    def images(self) -> Path:
        """What has to be put on the web."""
        return self.path / "images"

    @property
    def guide(self) -> Path:
        """How to upload it."""
        return self.path / "UPLOAD.txt"

    def published(self, marketplace: str) -> Path:
        """Which HITs were created on "sandbox" or "live"."""
        return self.path / f"published-{marketplace}.json"

    def read(self, study: FrozenStudy) -> Batch:
        """Read the batch.

        Raises:
            ConfigError: There is none, or it belongs to another study.
            CorruptFileError: The file is damaged.
        """
        if not self.record.is_file():
            raise ConfigError(
                f"{self.path} holds no batch (no batch.json). Make one: sbgan-bench rate mturk export STUDY --out "
                f"{self.path} --url-base https://..."
            )
        batch = Batch.parse(read_json(self.record), str(self.record))
        if batch.study != study.hash:
            raise ConfigError(f"{self.path} is a batch of another study (hash {batch.study[:12]}, not "
                              f"{study.hash[:12]}); give the study that it was exported from.")  # fmt: skip
        return batch


def csv_text(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> str:
    """Return rows as CSV (RFC 4180): commas, quotes where needed, CRLF."""
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, columns, restval="", extrasaction="raise")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()
