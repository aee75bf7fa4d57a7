"""Figures after the paper's 3-5, 7-14: sample tiles of several models, aligned by seed or by layout."""

from collections.abc import Iterable, Sequence

from sbgan_bench.manifest import FitRecord, GalleryRecord
from sbgan_bench.questions import FINE_TUNING, PARTIAL
from sbgan_bench.report import charts
from sbgan_bench.report.document import Figure, Strip
from sbgan_bench.report.escaping import slug
from sbgan_bench.report.pictures import enlarge, enlargement, png, strip
from sbgan_bench.report.run_folder import RunFolder, read_picture
from sbgan_bench.report.training_log import distance_words
from sbgan_bench.report.wording import count, settings_text, size_text, source_text
from sbgan_bench.results import FLOOR, UNTRAINED
from sbgan_bench.samples import LayoutSource

#: Contact sheets are enlarged by a whole factor to at most this width.
_SHEET_WIDTH = 1040


def _places(run: RunFolder) -> list[tuple[str, str, int | None]]:
    """Return every dataset, resolution and amount of training data that has galleries of trained models."""
    records = [record for record in run.manifest.galleries if record.model != FLOOR]
    return sorted(
        {(record.dataset, record.resolution, record.training_images) for record in records},
        key=lambda place: (place[0], place[1], place[2] or 0),
    )


def _fullest(run: RunFolder) -> list[tuple[str, str, int | None]]:
    """Return every dataset and resolution with the largest amount of training data only."""
    return list({place[:2]: place for place in _places(run)}.values())


def _at(run: RunFolder, place: tuple[str, str, int | None]) -> list[GalleryRecord]:
    """Return the galleries of one place, the truth first, then in order of model and recipe, lowest seed only."""
    dataset, resolution, images = place
    chosen: dict[tuple[str, str, str, LayoutSource], GalleryRecord] = {}
    for record in sorted(run.manifest.galleries, key=lambda record: record.training_seed or 0):
        here = record.dataset == dataset and record.resolution == resolution
        if here and (record.model == FLOOR or record.training_images == images):
            chosen.setdefault((record.model, record.recipe, record.variant, record.layout_source), record)
    return sorted(chosen.values(), key=lambda record: _order(record, run))


def _order(record: GalleryRecord, run: RunFolder) -> tuple[object, ...]:
    order = run.names.order(record.model, record.recipe, record.variant)
    return record.model != FLOOR, record.recipe == UNTRAINED, *order


def _place_text(place: tuple[str, str, int | None]) -> str:
    dataset, resolution, images = place
    text = f"{dataset}, {size_text(resolution)}"
    return f"{text}, {count(images)} training images" if images is not None else text


def _strips(run: RunFolder, record: GalleryRecord, kinds: Sequence[str], label: str, detail: str) -> list[Strip]:
    made: list[Strip] = []
    for kind in kinds:
        picture = strip(run.tiles(record, kind), f"{kind}s: {label} {detail}".strip())
        if picture is not None:
            made.append(Strip(label if kind == kinds[0] or not made else "", detail if not made else "", picture))
    return made


def _label(record: GalleryRecord) -> tuple[str, str]:
    if record.model == FLOOR:
        return "Real", "never trained on"
    return record.title, settings_text(record.recipe, record.variant)


def _figure(name: str, title: str, caption: str, place: tuple[str, str, int | None], strips: list[Strip]) -> Figure:
    where = _place_text(place)
    return Figure(f"{name}-{slug(where)}", f"{title}: {where}", caption, tuple(strips))


def _collect(run: RunFolder, records: Iterable[GalleryRecord], kinds: Sequence[str]) -> list[Strip]:
    return [piece for record in records for piece in _strips(run, record, kinds, *_label(record))]


def side_by_side(run: RunFolder) -> tuple[Figure, ...]:
    """Models side by side, a row per model (Figures 3 to 5)."""
    figures = []
    for place in _places(run):
        records = [
            record for record in _at(run, place)
            if record.has_images and (record.model == FLOOR or record.layout_source is not LayoutSource.REAL)
            and record.recipe not in PARTIAL
        ]  # fmt: skip
        strips = _collect(run, records, ("image",))
        caption = "One row per model: its first samples, none chosen."
        if any(record.model != FLOOR for record in records) and strips:
            figures.append(_figure("models", "Models side by side", caption, place, strips))
    return tuple(figures)


def with_layouts(run: RunFolder) -> tuple[Figure, ...]:
    """Drawn layouts with the images painted from them (Figures 7 to 10): the fully fine-tuned model, or the last."""
    figures = []
    for place in _fullest(run):
        records = [
            record for record in _at(run, place)
            if record.layout_source is LayoutSource.GENERATED and record.has_layouts and record.has_images
            and record.recipe != UNTRAINED
        ]  # fmt: skip
        chosen = {(record.model, record.variant): record for record in records}
        chosen.update({(record.model, record.variant): record for record in records if record.recipe == "both"})
        strips = _collect(run, chosen.values(), ("layout", "image"))
        caption = "Above, the layout the model drew from noise; below it, the image it painted from that layout."
        if strips:
            figures.append(_figure("layouts", "Layouts and their images", caption, place, strips))
    return tuple(figures)


def before_and_after(run: RunFolder) -> tuple[Figure, ...]:
    """The same seeds before and after fine-tuning (Figures 11 and 12), with the controls."""
    figures = []
    for place in _fullest(run):
        records = [
            record for record in _at(run, place)
            if record.layout_source is LayoutSource.GENERATED and record.recipe in FINE_TUNING
        ]  # fmt: skip
        caption = "Every column is one seed: what differs down a column is the training."
        if len({record.recipe for record in records}) > 1:
            strips = _collect(run, records, ("layout", "image"))
            figures.append(_figure("fine-tuning", "Before and after fine-tuning", caption, place, strips))
    return tuple(figure for figure in figures if figure.strips)


def given_layouts(run: RunFolder) -> tuple[Figure, ...]:
    """Truth, its layout, and what each image stage paints from that layout (Figures 13 and 14)."""
    figures = []
    for place in _fullest(run):
        records = [
            record for record in _at(run, place)
            if record.model == FLOOR or (record.layout_source is LayoutSource.REAL and record.recipe != UNTRAINED)
        ]  # fmt: skip
        if not any(record.model != FLOOR for record in records):
            continue
        strips = []
        for record in records:
            kinds = ("image", "layout") if record.model == FLOOR else ("image",)
            strips += _strips(run, record, kinds, *_label(record))
        caption = "Every column is one real scene: the real image, its layout, and the images painted from the layout."
        figures.append(_figure("given-layouts", "Painted from real layouts", caption, place, strips))
    return tuple(figure for figure in figures if figure.strips)


def contact_sheets(run: RunFolder) -> tuple[Figure, ...]:
    """The datasets' own contact sheets."""
    figures = []
    for record in run.manifest.datasets:
        path = run.file(record.sheet)
        picture = read_picture(path) if path is not None else None
        if picture is not None:
            where = f"{record.dataset}, {size_text(record.resolution)}"
            larger = enlarge(picture, enlargement(picture.shape, _SHEET_WIDTH // picture.shape[1]))
            sheet = png(larger, f"Contact sheet of {where}: images beside their layouts")
            caption = f"Images beside their layouts. Licence: {record.licence}."
            figures.append(Figure(f"data-{slug(where)}", f"Contact sheet: {where}", caption, (Strip("", "", sheet),)))
    return tuple(figures)


def nearest(run: RunFolder) -> tuple[Figure, ...]:
    """What each model drew nearest to a training image, beside that image."""
    figures = []
    for record in run.manifest.nearest:
        path = run.file(record.picture)
        picture = read_picture(path) if path is not None else None
        if picture is None:
            continue
        named = (record.title, settings_text(record.recipe, record.variant), source_text(record.layout_source))
        who = ", ".join(filter(None, named))
        where = _place_text((record.dataset, record.resolution, record.training_images))
        caption = f"Left the generated image, right the training image nearest to it by {record.protocol}."
        shown = png(picture, f"{who}: generated images beside the nearest training images")
        name = f"nearest-{slug(f'{where} {who}')}"
        figures.append(Figure(name, f"{who}: {where}", caption, (Strip("", "", shown),)))
    return tuple(figures)


def curves(run: RunFolder) -> tuple[Figure, ...]:
    """Training curves: one figure per model and recipe, one panel per loss term, one line per seed.

    Where the amount of training data varies, the runs with most of it.
    """
    most: dict[tuple[str, str], int] = {}
    for fit in run.manifest.fits:
        place = (fit.dataset, fit.resolution)
        most[place] = max(fit.training_images, most.get(place, 0))
    fits: dict[tuple[str, str, str, str, str], list[FitRecord]] = {}
    for fit in run.manifest.fits:
        if fit.training_images == most[fit.dataset, fit.resolution]:
            fits.setdefault((fit.dataset, fit.resolution, fit.model, fit.recipe, fit.variant), []).append(fit)
    figures = []
    for (dataset, resolution, model, recipe, variant), records in fits.items():
        name = ", ".join(filter(None, (run.names.title(model), settings_text(recipe, variant))))
        logged = {fit.training_seed: run.stats(fit) for fit in records}
        picture = charts.training_curves(name, {seed: stats.curves for seed, stats in logged.items() if stats.curves})
        if picture is not None:
            where = _place_text((dataset, resolution, most[dataset, resolution]))
            key = slug(f"{where} {name}")
            events = "".join(f" Seed {seed}: {event}." for seed, stats in logged.items() for event in stats.events)
            words = "".join(f" {text}" for text in dict.fromkeys(map(distance_words, records)) if text)
            caption = f"{where}. What was logged against real images shown (log scale).{words}{events}"
            figures.append(Figure(f"curves-{key}", f"Training curves: {name}", caption, (Strip("", "", picture),)))
    return tuple(figures)
