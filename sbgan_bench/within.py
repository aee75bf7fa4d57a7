"""Files of a folder that others made: nothing outside of it is ever opened, however a name or a link leads there."""

from pathlib import Path


def file_within(folder: Path, relative: str) -> Path | None:
    """Return a file of the folder, or None if it is missing, no ordinary file, or would lie outside the folder."""
    if not relative:
        return None
    try:
        path = (folder / relative).resolve()
        return path if path.is_relative_to(folder.resolve()) and path.is_file() else None
    except (OSError, ValueError, RuntimeError):  # too long, a null byte, links in a circle: no name of a file
        return None
