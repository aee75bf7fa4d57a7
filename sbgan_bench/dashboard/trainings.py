"""Trainings of a run: their names, and what they logged."""

from sbgan_bench.dashboard.reading import file_state
from sbgan_bench.dashboard.view import View
from sbgan_bench.manifest import FitRecord
from sbgan_bench.report.training_log import Stats
from sbgan_bench.report.wording import count, settings_text, size_text


def fit_name(view: View, fit: FitRecord) -> str:
    """Return what tells a training from the others of its run."""
    fits = view.manifest.fits
    several = {
        "seed": len({other.training_seed for other in fits}) > 1,
        "images": len({other.training_images for other in fits}) > 1,
        "place": len({(other.dataset, other.resolution) for other in fits}) > 1,
    }
    parts = (
        fit.title,
        settings_text(fit.recipe, fit.variant),
        f"seed {fit.training_seed}" if several["seed"] else "",
        f"{count(fit.training_images)} training images" if several["images"] else "",
        f"{fit.dataset} {size_text(fit.resolution)}" if several["place"] else "",
    )
    return ", ".join(filter(None, parts))


def chosen_fits(view: View) -> list[tuple[int, FitRecord]]:
    """Return the trainings of the data chosen that took steps, with their places in the table of contents."""
    fits = enumerate(view.manifest.fits)
    return [(index, fit) for index, fit in fits if fit.stats and view.choice.covers(fit.dataset, fit.resolution)]


def log_state(view: View, fit: FitRecord) -> tuple[int, int]:
    """Return what changes when the log of a training does."""
    path = view.opened.run.file(fit.stats)
    return (0, 0) if path is None else file_state(path)


def logged(view: View, fit: FitRecord) -> Stats:
    """Return what a training logged, the distances of its snapshots first, read once."""
    return view.opened.once(("stats", fit, log_state(view, fit)), lambda: view.opened.run.stats(fit), most=256)
