"""Where published results lie: beside the package in a checkout, inside it when installed."""

from pathlib import Path

_PACKAGE = Path(__file__).parent.parent
#: Folder of the paper's tables among the published ones; every other folder there is a run.
PAPER = "paper"


def published_folder() -> Path | None:
    """Return ``reports/`` of the checkout, else the copy that the wheel brings, else None."""
    candidates = (_PACKAGE.parent / "reports", _PACKAGE / "published")
    return next((folder for folder in candidates if (folder / PAPER).is_dir()), None)
