"""Sets of images against a set of photographs: folders, archives, sample packs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from sbgan_bench.dataset import resolution_text
from sbgan_bench.errors import DataError
from sbgan_bench.evaluation.checks import LEAST, check_generated, check_reals
from sbgan_bench.evaluation.contest import Contest, GeneratedScenes, RealScenes
from sbgan_bench.evaluation.drawing_lots import Lots
from sbgan_bench.evaluation.layout_classes import layout_ids
from sbgan_bench.evaluation.terms import Terms
from sbgan_bench.features import FeatureSource
from sbgan_bench.image_sets import ImageSet, LayoutSet, compression_note, open_images, open_layouts
from sbgan_bench.results import FLOOR, Origin, Reals, ResultRow

_Set: TypeAlias = ImageSet | LayoutSet


@dataclass(frozen=True, slots=True)
class _Opened:
    """The sets as they were given."""

    real: _Set
    generated: Sequence[_Set]
    train: _Set | None

    @property
    def every(self) -> list[_Set]:
        return [self.real, *self.generated, *([] if self.train is None else [self.train])]


def evaluate_sets(real: Path, generated: Sequence[Path], terms: Terms, train: Path | None = None) -> list[ResultRow]:
    """Score sets of generated images against real ones of the same size, with the floor of the reals.

    Args:
        real: Folder, zip archive or sample pack.
        generated: Likewise, each scored for itself.
        terms: How to measure.
        train: The images that models were trained on, for memorisation and for floors where reals are few.

    Returns:
        Rows of trials and summaries, for every set and for the floor; fewer trials than asked for where a set has
        fewer than ``trials × N`` images.

    Raises:
        DataError: Unreadable images, mixed sizes, or fewer images than asked for.
    """
    return contest_of_sets(real, generated, terms, train).rows()


def contest_of_sets(real: Path, generated: Sequence[Path], terms: Terms, train: Path | None = None) -> Contest:
    """Hold sets of images against the same reals; see ``evaluate_sets``.

    Raises:
        DataError: As there.
    """
    layouts_alone = terms.looks_at_layouts_alone
    opened = _open(real, generated, train, layouts_alone=layouts_alone)
    _check_sizes(opened)
    terms = _settled(terms, opened)
    ids = layout_ids(opened.real, opened.generated)

    def source(one: _Set) -> FeatureSource:
        return one.source() if ids is None else ids.applied(one.source())

    names = _names([one.path for one in opened.generated])
    sets = []
    for name, one in zip(names, opened.generated, strict=True):
        lots = Lots.draw(len(one), _measured(one, terms), terms.seed)
        sets.append(
            GeneratedScenes(
                name=name,
                facts={"model": name, "origin": Origin.IMPORTED, "images_hash": one.fingerprint()},
                source=lots.source(source(one)),
                count=len(lots.kept),
                total=lots.total,
                order=lots.order,
                notes=_notes(opened.real, one, len(lots.kept)),
            )
        )
    train_set = opened.train
    reals = RealScenes(
        facts={
            "dataset": opened.real.path.resolve().stem if opened.real.path.is_file() else opened.real.name,
            "fingerprint": opened.real.fingerprint(),
            "split": "folder",
            "resolution": resolution_text(opened.real.size),
            "train_fingerprint": "" if train_set is None else train_set.fingerprint(),
        },
        source=source(opened.real),
        count=len(opened.real),
        size=opened.real.size,
        notes=(ids.note,) if ids and ids.note else (),
        classes=None if ids is None else ids.classes,
        train=None if train_set is None else source(train_set),
        train_count=0 if train_set is None else len(train_set),
    )
    return Contest(reals=reals, sets=sets, terms=terms)


def _open(real: Path, generated: Sequence[Path], train: Path | None, *, layouts_alone: bool) -> _Opened:
    def opened(path: Path) -> _Set:
        return open_layouts(path) if layouts_alone else open_images(path)

    return _Opened(opened(real), [opened(path) for path in generated], None if train is None else opened(train))


def _settled(terms: Terms, opened: _Opened) -> Terms:
    """Return the terms with the N and the trials that the sets allow."""
    fewest = min(len(one) for one in opened.generated)
    pool = len(opened.real)
    match terms.reals:
        case Reals.ALL:
            if terms.num is not None:
                raise DataError(f"--num {terms.num} does not go with --reals all, which takes every image; use whole.")
            return replace(terms, num=_only_size(opened), trials=1)
        case Reals.WHOLE:
            num = terms.num or _most(pool, fewest)
            check_generated(num, opened.real.path, pool, "provide more")
        case Reals.DISJOINT:
            num = terms.num or _most(pool // 2, fewest)
    for one in opened.generated:
        check_generated(num, one.path, len(one))
    if terms.reals is Reals.DISJOINT:
        check_reals(num, str(opened.real.path), pool)
    return replace(terms, num=num, trials=min(terms.trials, fewest // num))


def _most(reals: int, generated: int) -> int:
    """Return the largest N of which as many trials as need be take every generated image, but for a remainder."""
    return max(LEAST, generated // -(-generated // max(1, reals)) if generated else 0)


def _only_size(opened: _Opened) -> int:
    """Return the number of images of every generated set.

    Raises:
        DataError: They differ, so that no two of the values could stand in one column.
    """
    sizes = {len(one): one.path for one in opened.generated}
    if len(sizes) > 1:
        found = ", ".join(f"{path} has {size}" for size, path in sizes.items())
        raise DataError(
            f"With --reals all every image is taken, and {found}: distances at different N do not compare."
        )
    return next(iter(sizes))


def _check_sizes(opened: _Opened) -> None:
    size = opened.real.size
    for one in opened.every:
        if one.size != size:
            raise DataError(
                f"Images in {opened.real.path} are {resolution_text(size)}, in {one.path} "
                f"{resolution_text(one.size)}; a distance between sizes means nothing. Bring both to one size first."
            )


def _measured(one: _Set, terms: Terms) -> int:
    """Return how many scenes of a set are measured."""
    return len(one) if terms.reals is Reals.ALL else (terms.num or 0) * terms.trials


def _notes(real: _Set, one: _Set, count: int) -> tuple[str, ...]:
    left = f"{count} of {len(one)} are measured, drawn by lot, and the others not looked at"
    part = left if count < len(one) else ""
    alike = compression_note(real, one) if isinstance(real, ImageSet) and isinstance(one, ImageSet) else ""
    return tuple(note for note in (part, alike) if note)


def _names(paths: Sequence[Path]) -> list[str]:
    """Return what sets are called in rows: their last names, with more of their paths where that tells them apart."""
    resolved = [path.resolve() for path in paths]
    for depth in range(1, 1 + max(len(path.parts) for path in resolved)):
        names = ["/".join(path.parts[-depth:]) for path in resolved]
        if len(set(names)) == len(names) and FLOOR not in names:
            return names
    repeated = next(path for path in resolved if resolved.count(path) > 1)
    raise DataError(f"{repeated} was given twice; give every set of generated images once.")
