"""From a frozen study to a batch that Mechanical Turk takes."""

import shutil
from pathlib import Path
from urllib.parse import urlsplit

from sbgan_bench.errors import ConfigError, CorruptFileError
from sbgan_bench.hashing import hash_file
from sbgan_bench.rating.crowd.batch import Batch, BatchFolder, csv_text
from sbgan_bench.rating.crowd.dealing import deal
from sbgan_bench.rating.crowd.template import image_variable, render_template
from sbgan_bench.rating.folder import StudyFolder
from sbgan_bench.rating.study import FrozenStudy
from sbgan_bench.storage import atomic_folder, write_json, write_text

#: Characters of an address that need no escaping anywhere: in CSV, in HTML, in an attribute.
_SAFE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/%+@")

_GUIDE = """\
A batch for Mechanical Turk: {hits} HITs, {ratings} assignments each, {assignments} assignments in all.

1. Put the files of images/ on the web, so that {example} opens in a browser.
   Workers see these addresses: switch the listing of the folder off, and do not rename the files.
2. On requester.mturk.com choose Create > New Project > Other (blank).
   Number of assignments per task: {ratings}. Fewer or more make ratings missing or surplus.
   Reward, time allotted and qualifications are yours to choose.
3. Design layout: replace the source by template.html, as it is. The preview shows the consent first.
4. Publish batch: upload input.csv. Try the sandbox first (requestersandbox.mturk.com).
5. When answers are in: Manage > Results > Download CSV, then
     sbgan-bench rate mturk import STUDY RESULTS.csv
   records the ratings and writes the file to upload back (Upload CSV) that approves or rejects.

Never put batch.json on the web; it is no secret, but nobody needs it there. A worker takes a HIT only once, and no
main image is in two HITs, so nobody rates an image twice.
"""


def export_batch(
    folder: StudyFolder, out: Path, *, url_base: str, images_per_hit: int = 10, gold_per_hit: int | None = None
) -> Batch:
    """Write a batch: ``input.csv``, ``template.html``, ``images/``, ``UPLOAD.txt`` and ``batch.json``.

    The same study and numbers give the same batch.

    Args:
        folder: The study; its owner's part is not read.
        out: The batch's folder, which must not exist.
        url_base: Where on the web the images will lie, ``https://...``.
        images_per_hit: Main images that one assignment shows, at most.
        gold_per_hit: Gold images among them; None for one if the study has any.

    Raises:
        ConfigError: ``out`` exists, the address cannot be used, or the numbers do not fit the study.
        CorruptFileError: An image is not the one that was frozen.
        CannotWriteError: No room, or no right to write there.
    """
    if out.exists():
        raise ConfigError(f"{out} exists; a batch goes into a new folder. Give another --out.")
    study = folder.read()
    batch = Batch(
        study=study.hash,
        url_base=_checked_address(url_base),
        ratings_per_image=study.ratings_per_image,
        hits=deal(study, images_per_hit, gold_per_hit),
    )
    with atomic_folder(out) as temporary:
        place = BatchFolder(temporary)
        _copy_images(folder, study, batch, place.images)
        variables = [image_variable(number) for number in range(1, batch.places + 1)]
        write_text(place.inputs, csv_text(variables, map(batch.row, batch.hits)))
        write_text(place.template, render_template(study, batch.places, batch.image_url))
        write_text(place.guide, _guide(batch))
        write_json(place.record, batch.to_json())
    return batch


def _checked_address(url: str) -> str:
    """Return an address without slashes at its end.

    Raises:
        ConfigError: It is not ``https://HOST/PATH`` in characters that are safe everywhere.
    """
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.netloc or not set(url) <= _SAFE:
        raise ConfigError(
            f"--url-base {url}: give the web folder of the images as https://HOST/PATH, in plain letters, digits and "
            "-._~%+@ alone; Mechanical Turk's pages show nothing that comes by http."
        )
    return url.rstrip("/")


def _copy_images(folder: StudyFolder, study: FrozenStudy, batch: Batch, out: Path) -> None:
    """Copy what the batch shows, bytes unchanged."""
    digests = {image.id: image.sha256 for image in study.images}
    digests |= {anchor.id: anchor.sha256 for anchor in study.anchors}
    shown = {image for hit in batch.hits for image in hit} | {anchor.id for anchor in study.anchors}
    out.mkdir()
    for image in sorted(shown):
        source = folder.image(image)
        if not source.is_file() or hash_file(source) != digests[image]:
            raise CorruptFileError(f"{source} is not there or not what was frozen; restore the study's folder.")
        shutil.copyfile(source, out / source.name)


def _guide(batch: Batch) -> str:
    return _GUIDE.format(
        hits=len(batch.hits),
        ratings=batch.ratings_per_image,
        assignments=batch.assignments,
        example=batch.image_url(batch.hits[0][0]),
    )
