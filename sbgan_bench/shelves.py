"""Where published results lie: beside the package in a checkout, inside it when installed."""

from pathlib import Path

_PACKAGE = Path(__file__).parent
_CHECKOUT = _PACKAGE.parent / "reports"
#: Folder of the paper's tables among the published ones; every other folder there is a run.
PAPER = "paper"


def published_folder() -> Path | None:
    """Return ``reports/`` of the checkout, else the copy that the wheel brings, else None."""
    candidates = (_CHECKOUT, _PACKAGE / "published")
    return next((folder for folder in candidates if _is_one(folder)), None)


def checkout_folder() -> Path | None:
    """Return ``reports/`` of the checkout, or None if there is none to write to."""
    return _CHECKOUT if _is_one(_CHECKOUT) else None


def _is_one(folder: Path) -> bool:
    return (folder / PAPER).is_dir()
