"""What stays behind: whatever may not be passed on; and the record says that, and no more than that."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sbgan_bench.manifest import Manifest
from sbgan_bench.publishing.publish import publish
from sbgan_bench.samples import LayoutSource


def _said(run: Path, shelf: Path) -> list[str]:
    return [one.what for one in publish(run, shelf).publication.dropped]


def test_what_a_run_marks_as_not_to_be_passed_on_is_not(run: Path, shelf: Path) -> None:
    made = Manifest.read(run)
    marked = tuple(
        one.model_copy(update={"redistributable": one.layout_source is not LayoutSource.REAL})
        for one in made.galleries
    )
    made.model_copy(update={"galleries": marked}).write(run)
    done = publish(run, shelf)
    kept = Manifest.read(done.folder).galleries
    assert {one.folder for one in kept} == {one.folder for one in marked if one.redistributable}
    assert not [path for path in done.folder.rglob("*.png") if "-real-" in path.parent.name]
    assert "some pictures of toy-streets" in [one.what for one in done.publication.dropped]


def test_cut_pictures_and_thinned_curves_are_said_to_be(run: Path, shelf: Path) -> None:
    said = _said(run, shelf)
    assert "previews of training beyond the upper rows of 3 of them" in said
    assert "most steps of the logged losses" in said


@pytest.mark.parametrize("previews", [0, 1])
def test_what_is_there_whole_is_not_said_to_be_cut(run: Path, shelf: Path, previews: int) -> None:
    for fit in Manifest.read(run).fits:
        stats = run / fit.stats
        stats.write_text("\n".join(stats.read_text().splitlines()[:100]))
        for number, sheet in enumerate(sorted((stats.parent / "previews").iterdir())):
            sheet.unlink()
            if number < previews:
                Image.fromarray(np.zeros((66, 64, 3), np.uint8)).save(sheet)
    assert not [what for what in _said(run, shelf) if "previews" in what or "steps" in what or "samples" in what]


def test_only_previews_that_a_training_named_are_published(run: Path, shelf: Path) -> None:
    previews = (run / Manifest.read(run).fits[0].stats).parent / "previews"
    (previews / "000000001.png").rename(previews / "jane.doe@example.org.png")
    folder = publish(run, shelf).folder
    names = {path.stem for path in folder.rglob("previews/*")}
    assert names
    assert all(name.isdecimal() for name in names)
