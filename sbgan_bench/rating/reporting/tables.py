"""Everything around Table 3 as tables: how sure it is, who agreed, and where it comes from."""

from dataclasses import replace

from sbgan_bench.rating.analysis.findings import Agreement, Interval, Power
from sbgan_bench.rating.reporting.material import Material
from sbgan_bench.report.document import PlainTable
from sbgan_bench.report.wording import DASH, count, number, size_text


def shown(value: float | None, places: int = 2) -> str:
    """Return a number, or a dash for one that is not known."""
    return DASH if value is None else number(value, places)


def _between(low: float | None, high: float | None) -> str:
    return DASH if low is None or high is None else f"{number(low, 2)} to {number(high, 2)}"


def _without_empty_notes(table: PlainTable) -> PlainTable:
    """Leave out the last column where no row has anything in it."""
    if any(row[-1] for row in table.rows):
        return table
    return replace(table, header=table.header[:-1], rows=tuple(row[:-1] for row in table.rows))


def agreement(material: Material) -> PlainTable:
    """Krippendorff's alpha over everything and by dataset, and how far raters repeat themselves."""
    kept = material.analysis.kept
    rows = [("All cells", *_agreement(kept.agreement))]
    if len(kept.agreement_by_dataset) > 1:
        rows += [(name, *_agreement(one)) for name, one in kept.agreement_by_dataset.items()]
    caption = (
        "Krippendorff's ordinal α: 1 where raters agree, 0 where scores fall by chance. Quality is partly taste, so α "
        "is often low; a mean over many ratings can be sure all the same, and its interval says how sure. "
        "Interval of α: expanded percentile bootstrap over images."
    )
    header = ("Among", "α", "95 % interval", "Images", "Ratings", "Note")
    made = PlainTable("agreement", "Do raters agree", caption, header, tuple(rows), frozenset({1, 2, 3, 4}))
    return _without_empty_notes(made)


def _agreement(found: Agreement) -> tuple[str, ...]:
    return (
        shown(found.alpha), _between(found.low, found.high), count(found.n_images), count(found.n_ratings),
        found.reason,
    )  # fmt: skip


def consistency(material: Material) -> PlainTable:
    """How raters score an image that comes back."""
    found = material.analysis.kept.consistency
    row = (
        count(found.n_pairs),
        count(found.n_raters),
        DASH if found.exact is None else f"{100 * found.exact:.0f} %",
        shown(found.mean_difference),
        shown(found.weighted_kappa),
        found.reason,
    )
    caption = "Images that came back to the same rater later on, unannounced. Repeats count for nothing else."
    header = ("Repeats", "Raters", "Same score", "Mean difference", "Weighted κ", "Note")
    made = PlainTable("consistency", "Do raters repeat themselves", caption, header, (row,), frozenset(range(5)))
    return _without_empty_notes(made)


def intervals(material: Material) -> PlainTable:
    """Half-widths by three methods, and the components of variance behind the one that is printed."""
    names = material.names()
    rows = []
    for one in material.analysis.kept.cells:
        parts = one.components
        deviations = [DASH] * 3 if parts is None else [
            DASH if part is None else number(part**0.5, 2) for part in (parts.image, parts.rater, parts.residual)
        ]  # fmt: skip
        widths = [_half(interval) for interval in (one.interval, one.bootstrap, one.naive)]
        rows.append((one.dataset, names[one.cell], *widths, *deviations, one.note))
    caption = (
        "Half-widths of 95 % intervals. Printed: by variance components of images, raters and residual. Crossed "
        "bootstrap over raters and images: a conservative check, up to √3 times too wide where other noise prevails. "
        "Naive: as if all ratings were independent, which they are not. SD: standard deviations between "
        "images, between raters, and of the rest, on the scale of scores."
    )
    header = ("Dataset", "Model", "± printed", "± bootstrap", "± naive", "SD images", "SD raters", "SD rest", "Note")
    made = PlainTable("intervals", "Three intervals", caption, header, tuple(rows), frozenset(range(2, 8)))
    return _without_empty_notes(made)


def _half(interval: Interval | None) -> str:
    return DASH if interval is None else shown(interval.half_width)


def power(material: Material) -> PlainTable:
    """What the study could tell, and what a larger one could."""
    names = material.names()
    rows = tuple((one.dataset, names[one.cell], *_outlook(one)) for one in material.analysis.kept.power)
    caption = (
        "Smallest difference: that two cells like this one show with 80 % power, not corrected, by the variance that "
        "was found. To plan the next study, not to explain this one: what is not told apart may differ or not. "
        "Last column: the width that these raters leave; a dash where they were not seen to differ."
    )
    header = (
        "Dataset", "Model", "Images", "Ratings each", "Raters", "± now", "Smallest difference", "Half the width takes",
        "Same raters, any images",
    )  # fmt: skip
    numeric = frozenset(range(2, 9)) - {7}
    return PlainTable("power", "What a study of this size can tell", caption, header, rows, numeric)


def _outlook(one: Power) -> tuple[str, ...]:
    now, halved, limit = one.now, one.halved, one.same_raters_limit
    if now is None:
        return (DASH, DASH, DASH, DASH, DASH, one.words, DASH)
    takes = DASH if halved is None else f"{count(halved.n_images)} images, {count(halved.n_raters)} raters"
    return (
        count(now.n_images), f"{now.ratings_per_image:.3g}", count(now.n_raters), number(now.half_width, 2),
        number(now.smallest_difference, 2), takes, f"± {number(limit, 2)}" if limit else DASH,
    )  # fmt: skip


def provenance(material: Material) -> PlainTable:
    """What is needed to repeat the study, and nothing about who took part."""
    study, key = material.study, material.key
    everyone = material.analysis.everyone
    words = ", ".join(f"{value} = {label}" for value, label in enumerate(study.scale.labels, start=1))
    versions = material.scores.rows[0].versions if material.scores.rows else {}
    facts = (
        ("Study (sha256)", study.hash),
        ("Protocol", material.scores.rows[0].protocol if material.scores.rows else ""),
        ("Question", study.scale.question),
        ("Scale", words),
        ("Ratings per image (K)", str(key.ratings_per_image)),
        ("Ratings", f"{count(everyone.n_ratings)} of {count(material.wanted)} wanted"),
        ("Shown at", size_text(f"{study.height}x{study.width}") + " pixels, unscaled"),
        ("Shortest look", f"{study.timing.minimum_ms} ms, kept by the server"),
        ("Images per rater, at most", str(study.per_rater)),
        ("Repeats per rater", str(study.repeats_per_rater)),
        ("Days", " to ".join(dict.fromkeys(material.days))),
        *sorted(versions.items()),
    )
    rows = tuple((name, value) for name, value in facts if value)
    return PlainTable("provenance", "To repeat this", "", ("What", "Value"), rows)


def images(material: Material) -> PlainTable:
    """Where the images of every cell come from."""
    rows = tuple(
        (
            cell.dataset, name, cell.model, ", ".join(filter(None, (cell.recipe, cell.variant))) or DASH,
            size_text(cell.resolution), str(cell.layout_source), DASH if cell.training_seed is None else
            str(cell.training_seed), (cell.checkpoint_hash or cell.images_hash or cell.fingerprint)[:12] or DASH,
        )
        for cell, name in zip(material.key.cells, material.names(), strict=True)
    )  # fmt: skip
    header = ("Dataset", "Model", "Registered as", "Recipe", "Made at", "Layouts", "Training seed", "Hash of origin")
    return PlainTable("images", "Whose images they were", "", header, rows)
