"""The suites that ship with the package."""

from importlib import resources
from pathlib import Path


def bundled_suites() -> dict[str, Path]:
    """Return the TOML files of the bundled suites, by name."""
    folder = Path(str(resources.files("sbgan_bench"))) / "suites"
    return {path.stem: path for path in sorted(folder.glob("*.toml"))}
