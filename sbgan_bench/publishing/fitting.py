"""The files of a publication: what was gathered, cut to the size of the shelf, with a true table of contents."""

from collections.abc import Sequence
from dataclasses import dataclass

from sbgan_bench.comparing.correlation import CORRELATIONS
from sbgan_bench.comparing.rows import COMPARISONS
from sbgan_bench.config import Settings
from sbgan_bench.manifest import MANIFEST, RATINGS, RESULTS
from sbgan_bench.publication import Dropped
from sbgan_bench.publishing.contents import contents, of_further_seeds
from sbgan_bench.publishing.gathering import MOST_PREVIEWS, MOST_TILES, Gathered
from sbgan_bench.publishing.opening import SUITE, OpenedRun

#: Bytes of one published run, and of its pictures and curves, which are cut; rows are never.
MOST_OF_A_RUN, MOST_OF_PICTURES = 8_000_000, 3_000_000


@dataclass(frozen=True, slots=True)
class Share:
    """How much of what was gathered is kept."""

    tiles: int  #: of every gallery
    previews: int  #: of every training run
    every_seed: bool = True  #: whether galleries of further training seeds are


#: From the most that is shown to the least that is worth it.
_LADDER = (
    Share(MOST_TILES, MOST_PREVIEWS), Share(12, 3), Share(8, 3), Share(8, 1), Share(8, 1, every_seed=False),
    Share(8, 0, every_seed=False), Share(6, 0, every_seed=False), Share(4, 0, every_seed=False),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fitted:
    """What is written."""

    files: dict[str, bytes]  #: by path in the published folder
    dropped: tuple[Dropped, ...]
    faults: tuple[str, ...]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return _size(self.files)


def fit(run: OpenedRun, gathered: Gathered, most: int, most_pictures: int) -> Fitted:
    """Return the largest choice of pictures below ``most_pictures`` bytes, or the fewest; rows are all there.

    Args:
        run: As read.
        gathered: What may be published of it.
        most: Bytes of everything; more than that is a fault.
        most_pictures: Bytes of pictures and curves.
    """
    texts = _texts(run)
    for share in _LADDER:
        pictures = _chosen(run, gathered, share)
        if _size(pictures) <= most_pictures:
            break
    files = {**texts, **pictures}
    too_large = (
        f"{_size(files) / 1e6:.1f} MB with the fewest pictures, of at most {most / 1e6:.1f}; "
        f"the rows alone take {_size(texts) / 1e6:.1f} MB"
    )
    dropped = (*gathered.dropped, *_cut(run, gathered, share))
    return Fitted(files, dropped, (too_large,) if _size(files) > most else ())


def _size(files: dict[str, bytes]) -> int:
    return sum(map(len, files.values()))


def _texts(run: OpenedRun) -> dict[str, bytes]:
    """Return the files of rows; those without rows are left out, as readers expect."""
    found = {
        f"{place}{name}": _lines(rows)
        for place, one in (("", run.measured), (f"{RATINGS}/", run.rated))
        for name, rows in ((RESULTS, one.results), (COMPARISONS, one.comparisons), (CORRELATIONS, one.correlations))
    }
    found[SUITE] = run.suite.encode()
    return {name: data for name, data in found.items() if data}


def _lines(rows: Sequence[Settings]) -> bytes:
    return "".join(row.model_dump_json() + "\n" for row in rows).encode()


def _chosen(run: OpenedRun, gathered: Gathered, share: Share) -> dict[str, bytes]:
    left = frozenset[str]() if share.every_seed else of_further_seeds(run.manifest)
    kinds = {folder: kept for folder, kept in gathered.kinds.items() if folder not in left}
    files = dict(gathered.files)
    for folder in kinds:
        for tile in gathered.tiles[folder][: share.tiles]:
            files |= tile
    for there in gathered.previews.values():
        files |= dict(there[-share.previews :] if share.previews else [])
    made = contents(run.manifest, files, kinds, share.tiles)
    files[MANIFEST] = (made.model_dump_json(indent=2) + "\n").encode()
    return files


def _cut(run: OpenedRun, gathered: Gathered, share: Share) -> list[Dropped]:
    """Say what was left out for its size; nothing that is there whole."""
    cut = []
    if any(one.count > share.tiles for one in run.manifest.galleries if one.folder in gathered.kinds):
        cut.append(Dropped(what=f"samples of every model beyond its first {share.tiles}", why="size; none was chosen"))
    if not share.every_seed and of_further_seeds(run.manifest):
        cut.append(Dropped(what="samples of all training seeds but the first", why="size"))
    if gathered.cut_previews or any(len(there) > share.previews for there in gathered.previews.values()):
        kept = f"beyond the upper rows of {share.previews} of them" if share.previews else "of all models"
        cut.append(Dropped(what=f"previews of training {kept}", why="size"))
    if gathered.thinned:
        cut.append(Dropped(what="most steps of the logged losses", why="size; evenly thinned"))
    return cut
