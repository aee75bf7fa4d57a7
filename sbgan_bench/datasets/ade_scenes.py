"""The kinds of room that make up ADE-Indoor, and the file that says which image shows which."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sbgan_bench.dataset import Problem

#: In ADE20K's folder.
SCENE_FILE = "sceneCategories.txt"
#: Training images by scene in the lists of SB-GAN's release (azadis/SB-GAN, ``ade_indoor_im_info_train.txt``).
SCENES = {
    "bedroom": 1355,
    "living_room": 676,
    "bathroom": 668,
    "kitchen": 649,
    "dining_room": 408,
    "conference_room": 163,
    "hotel_room": 158,
    "office": 110,
    "corridor": 104,
    "airport_terminal": 86,
}
#: Pairs in the same lists.
TRAIN, VALIDATION = 4377, 433


@dataclass(frozen=True, slots=True)
class Scenes:
    """What ``sceneCategories.txt`` says."""

    of: Mapping[str, str]  #: stem of an image -> its scene
    problems: tuple[Problem, ...]

    def concern(self, stem: str) -> bool:
        """Whether an image shows one of the ten kinds of room, or may do so for all that is known."""
        return self.of.get(stem) is None or self.of[stem] in SCENES


def read_scenes(path: Path) -> Scenes | None:
    """Read lines such as ``ADE_train_00000001 airport_terminal``; None if there is no such file."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        return Scenes({}, (Problem(path.name, f"cannot be read ({error}); restore it", stops=True),))
    scenes: dict[str, str] = {}
    problems = []
    for number, line in enumerate(text.splitlines(), start=1):
        stem, _, scene = line.strip().partition(" ")
        name = re.sub(r"[ /]+", "_", scene.strip())
        if not stem:
            continue
        if not name:
            problems.append(Problem(path.name, f"line {number}: {stem!r} has no scene; write it behind the name"))
        elif scenes.setdefault(stem, name) != name:
            problems.append(
                Problem(
                    path.name, f"line {number}: {stem} is {name!r} here and {scenes[stem]!r} before; keep one line"
                )
            )
    return Scenes(scenes, tuple(problems))
