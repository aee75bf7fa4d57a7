"""What the dashboard was started with: the words behind ``streamlit run app.py --``, or those of the command."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_STUDY = "--study"


@dataclass(frozen=True, slots=True)
class Arguments:
    """What is to be shown."""

    runs: tuple[Path, ...] = ()  #: run folders, or folders that hold some; empty: those below runs/
    studies: tuple[Path, ...] = ()  #: folders of rating studies whose progress their owner wants to see

    @classmethod
    def read(cls, words: Sequence[str]) -> "Arguments":
        """Read ``RUN ... --study FOLDER ...``."""
        runs, studies = [], []
        left = iter(words)
        for word in left:
            option, sign, value = word.partition("=")
            if option == _STUDY:
                studies += [Path(folder) for folder in ([value] if sign else [next(left, "")]) if folder]
            elif not word.startswith("--"):
                runs.append(Path(word))
        return cls(tuple(runs), tuple(studies))

    @classmethod
    def given(cls) -> "Arguments":
        """Read those of this process."""
        return cls.read(sys.argv[1:])

    def words(self) -> list[str]:
        """Return the words that ``read`` turns into this."""
        return [*map(str, self.runs), *(part for study in self.studies for part in (_STUDY, str(study)))]
