"""Pictures made elsewhere as a model: its weights are the pictures themselves."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Self, final

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import model_validator
from torch import Tensor, nn

from sbgan_bench import noise
from sbgan_bench.config import Settings
from sbgan_bench.dataset import PairTable, Resolution, resolution_text
from sbgan_bench.errors import DataError, UnsupportedError
from sbgan_bench.hashing import hash_file, hash_json
from sbgan_bench.image_sets import open_images
from sbgan_bench.model import AbstractModel, Recipe, SceneSpec
from sbgan_bench.results import Origin
from sbgan_bench.samples import FIRST_SAMPLING_SEED, LayoutSource, SampleBatch
from sbgan_bench.sampling import BATCH_SIZE, refuse_layouts
from sbgan_bench.training.run import Progress, TrainingRun

#: Images read at a time.
_CHUNK = 64


class SamplesSettings(Settings):
    """Settings of the folder; none of an imported one, whose pictures are in the weights.

    A suite reuses what equal settings made, so they hold what is in the folder, not only where it lies.
    """

    root: str = ""  #: holds the images, or ``images/`` and perhaps ``layouts/`` with class ids under the same names
    content: str = ""  #: sha256 of its files, filled in where there is such a folder

    @model_validator(mode="before")
    @classmethod
    def _look_inside(cls, values: Any) -> Any:
        if not isinstance(values, Mapping) or values.get("content") or not values.get("root"):
            return values
        root = Path(str(values["root"]))
        return {**values, "content": content_of(root)} if root.is_dir() else values


class _Scenes(nn.Module):
    """The pictures. How many there are is in the file, so buffers take the size of what is loaded."""

    images: Tensor  #: (N, 3, H, W) uint8
    layouts: Tensor  #: (N, h, w) uint8 class ids, (0, h, w) without layouts

    def __init__(self, resolution: Resolution) -> None:
        super().__init__()
        self.register_buffer("images", torch.zeros(0, 3, *resolution, dtype=torch.uint8))
        self.register_buffer("layouts", torch.zeros(0, *resolution, dtype=torch.uint8))

    def _load_from_state_dict(self, state_dict: Mapping[str, Any], prefix: str, *rest: Any) -> None:
        for name, buffer in self.named_buffers():
            found = state_dict.get(prefix + name)
            if isinstance(found, Tensor) and found.ndim == buffer.ndim and found.dtype == buffer.dtype:
                setattr(self, name, buffer.new_zeros(found.shape))
        super()._load_from_state_dict(state_dict, prefix, *rest)

    def keep(self, images: NDArray[np.uint8], layouts: NDArray[np.uint8] | None) -> None:
        """Take pictures, on the device of the old ones."""
        self.images = torch.from_numpy(images).to(self.images.device)
        if layouts is not None:
            self.layouts = torch.from_numpy(layouts).to(self.layouts.device)


@final
class Samples(AbstractModel):
    """A folder of images, with layouts or without: each belongs to one sampling seed, by lot; there are no more."""

    name: ClassVar[str] = "samples"
    title: ClassVar[str] = "Samples"
    Settings: ClassVar[type[SamplesSettings]] = SamplesSettings
    layout_sources: ClassVar[frozenset[LayoutSource]] = frozenset({LayoutSource.NONE})
    origin: ClassVar[Origin] = Origin.IMPORTED
    recipes: ClassVar[Mapping[str, Recipe]] = {"default": Recipe(summary="the folder, read as it is")}

    def __init__(self, settings: SamplesSettings, spec: SceneSpec) -> None:
        self.settings: SamplesSettings = settings
        self.spec = spec
        self.kept = _Scenes(spec.resolution)

    @classmethod
    def build(cls, settings: SamplesSettings, spec: SceneSpec, seed: int) -> Self:
        """Build without pictures, whatever the seed."""
        del seed
        return cls(settings, spec)

    @classmethod
    def unsupported(cls, settings: SamplesSettings, spec: SceneSpec) -> str:
        """Return "": whether the pictures have this size is seen when they are read."""
        del settings, spec
        return ""

    def fit(self, recipe: str, data: PairTable, run: TrainingRun, starts: Mapping[str, AbstractModel]) -> None:
        """Read the folder.

        Raises:
            DataError: No folder was set, or a file in it is unreadable, of another size, or without its other half.
        """
        del recipe, data, starts
        if not self.settings.root:
            raise DataError("The model 'samples' needs its folder: set root under [models.samples].")
        root = Path(self.settings.root)
        if not root.is_dir():
            raise DataError(f"root = {str(root)!r} under [models.samples] is not a folder.")
        if content_of(root) != self.settings.content:
            raise DataError(f"The files in {root} changed after the run was planned; start the command again.")
        self.read(root, run)

    def read(self, root: Path, run: TrainingRun | None = None) -> None:
        """Take the pictures of a folder, in order of file name.

        Raises:
            DataError: As for ``fit``.
        """
        opened = open_images(root)
        if opened.size != self.spec.resolution:
            raise DataError(
                f"Images in {root} are {resolution_text(opened.size)}, wanted are "
                f"{resolution_text(self.spec.resolution)}; nothing is resized here. Make samples of that size."
            )
        parts = []
        for first in range(0, len(opened), _CHUNK):
            parts.append(opened.images(first, min(first + _CHUNK, len(opened))))
            if run is not None:
                run.report(Progress(min(first + _CHUNK, len(opened)), len(opened), "read", {}))
        layouts = opened.layouts(0, len(opened))
        if layouts is not None and layouts.max(initial=0) >= self.spec.num_classes:
            raise DataError(
                f"Layouts in {root / 'layouts'} hold class id {layouts.max()}; known are {self.spec.num_classes} "
                "classes. Give the dataset that they belong to."
            )
        self.kept.keep(np.concatenate(parts), layouts)

    def networks(self) -> Mapping[str, nn.Module]:
        """The pictures, which have no parameters."""
        return {"scenes": self.kept}

    def scenes(self) -> range:
        """One sampling seed per picture."""
        return range(FIRST_SAMPLING_SEED, FIRST_SAMPLING_SEED + len(self.kept.images))

    def sources(self) -> frozenset[LayoutSource]:
        """Generated layouts where the folder holds some, else none."""
        return frozenset({LayoutSource.GENERATED}) if len(self.kept.layouts) else self.layout_sources

    def sampler(self) -> Mapping[str, str]:
        """Nothing is known of how they were drawn."""
        return {"ema": "", "layout_draw": ""}

    def sample(self, seeds: Sequence[int], layouts: NDArray[np.uint8] | None = None) -> Iterator[SampleBatch]:
        """Return the pictures of these seeds.

        Raises:
            UnsupportedError: Layouts were given, or there is no picture for a seed.
        """
        refuse_layouts(self.title, layouts)
        known = self.scenes()
        beyond = [seed for seed in seeds if seed not in known]
        if beyond:
            raise UnsupportedError(
                f"{self.title} holds {len(known)} scenes, for the sampling seeds {known.start} to {known.stop - 1}; "
                f"seed {beyond[0]} is none of them{_asked(seeds, known)}. None is shown twice: ask for at most "
                f"{len(known)}, from the first on, or provide more."
            )
        # By lot, not by name: trials are runs of seeds, and files are often sorted by class or clip.
        order = noise.generator("order of samples", len(known)).permutation(len(known))
        for first in range(0, len(seeds), BATCH_SIZE):
            chosen = torch.from_numpy(order[np.asarray(seeds[first : first + BATCH_SIZE]) - known.start])
            drawn = self.kept.images[chosen].cpu().numpy()
            own = self.kept.layouts[chosen].cpu().numpy() if len(self.kept.layouts) else None
            yield SampleBatch(drawn, own)


def _asked(seeds: Sequence[int], known: range) -> str:
    return f" ({max(seeds) - known.start + 1} scenes were asked for)" if max(seeds) >= known.stop else ""


def content_of(root: Path) -> str:
    """Return the sha256 of the names and bytes of all files of a folder of samples."""
    files = sorted(path for path in root.rglob("*") if path.is_file())
    return hash_json({str(path.relative_to(root)): hash_file(path) for path in files})
