import csv
import io
import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rating.crowd.turk_results import Form, image_of, input_rows
from rating.studies import make_study

from sbgan_bench.errors import ConfigError, CorruptFileError
from sbgan_bench.rating.crowd.batch import BatchFolder
from sbgan_bench.rating.crowd.dealing import deal
from sbgan_bench.rating.crowd.exporting import export_batch
from sbgan_bench.rating.crowd.template import fill_template, render_template
from sbgan_bench.rating.folder import StudyFolder
from sbgan_bench.rating.study import FrozenAnchor, FrozenImage, FrozenStudy, Role, Scale, Timing
from sbgan_bench.storage import write_json

URL = "https://lab.example.org/first"


def study_of(strata: list[int], gold: int, seed: int = 0) -> FrozenStudy:
    """Return a study of so many images per stratum, without files."""
    roles = [(Role.MAIN, stratum) for stratum, count in enumerate(strata) for _ in range(count)]
    roles += [(Role.GOLD, -1)] * gold + [(Role.PRACTICE, -1)] * 2
    images = tuple(
        FrozenImage(id=f"{number:024x}", role=role, stratum=stratum, sha256="")
        for number, (role, stratum) in enumerate(roles)
    )
    return FrozenStudy(
        hash=f"{seed:064x}"[::-1], title="t", seed=seed, instructions="i", consent="c", scale=Scale(), timing=Timing(),
        ratings_per_image=3, per_rater=60, repeats_per_rater=0, height=8, width=8, images=images,
    )  # fmt: skip


@given(
    st.lists(st.integers(1, 30), min_size=1, max_size=5),
    st.integers(1, 20),
    st.integers(0, 4),
    st.integers(0, 4),
    st.integers(0, 99),
)
@settings(max_examples=60, deadline=None)
def test_every_main_image_is_dealt_once_and_cells_and_gold_evenly(
    strata: list[int], size: int, gold: int, per_hit: int, seed: int
) -> None:
    study = study_of(strata, gold, seed)
    hits = deal(study, size, min(gold, per_hit))
    role = {image.id: image for image in study.images}
    main = [[image for image in hit if role[image].role is Role.MAIN] for hit in hits]
    assert sorted(image for hit in main for image in hit) == sorted(image.id for image in study.of_role(Role.MAIN))
    assert max(map(len, main)) - min(map(len, main)) <= 1
    assert max(map(len, main)) <= size
    for stratum in range(len(strata)):
        shares = [sum(role[image].stratum == stratum for image in hit) for hit in main]
        assert max(shares) - min(shares) <= 1
    golds = [[image for image in hit if role[image].role is Role.GOLD] for hit in hits]
    assert all(len(set(hit)) == min(gold, per_hit) for hit in golds)
    uses = Counter(image for hit in golds for image in hit)
    assert not uses or max(uses.values()) - min(uses[image.id] for image in study.of_role(Role.GOLD)) <= 1
    assert all(len(hit) == len(set(hit)) for hit in hits)
    assert not any(role[image].role is Role.PRACTICE for hit in hits for image in hit)


def test_gold_stands_anywhere() -> None:
    study = study_of([200, 200], 4)
    gold = {image.id for image in study.of_role(Role.GOLD)}
    places = {[image in gold for image in hit].index(True) for hit in deal(study, 4)}
    assert places == {0, 1, 2, 3, 4}


def test_the_deal_is_fixed_by_the_study() -> None:
    assert deal(study_of([9, 9], 2), 5) == deal(study_of([9, 9], 2), 5)
    assert deal(study_of([9, 9], 2), 5) != deal(study_of([9, 9], 2, seed=1), 5)


@pytest.mark.parametrize(("size", "gold"), [(0, 0), (61, 0), (5, 3), (5, -1)])
def test_numbers_that_do_not_fit_are_refused(size: int, gold: int) -> None:
    with pytest.raises(ConfigError, match="choose"):
        deal(study_of([9, 9], 2), size, gold)


@pytest.fixture
def folder(tmp_path: Path) -> StudyFolder:
    return make_study(tmp_path / "study", cells=2, images_per_cell=5, ratings_per_image=3, gold=2, practice=2)


def test_a_batch_holds_what_is_uploaded_and_nothing_that_tells(folder: StudyFolder, tmp_path: Path) -> None:
    batch = export_batch(folder, tmp_path / "batch", url_base=URL + "/", images_per_hit=4)
    place, study = BatchFolder(tmp_path / "batch"), folder.read()
    assert sorted(path.name for path in place.path.iterdir()) == [
        "UPLOAD.txt", "batch.json", "images", "input.csv", "template.html",
    ]  # fmt: skip
    rows = input_rows(place)
    shown = [[image_of(url) for url in row.values() if url] for row in rows]
    assert [tuple(images) for images in shown] == list(batch.hits)
    assert list(rows[0]) == [f"image_{number}" for number in range(1, batch.places + 1)]
    assert all(url.startswith(f"{URL}/") for row in rows for url in row.values() if url)
    copied = {path.stem: path.read_bytes() for path in place.images.iterdir()}
    assert copied.keys() == {image for images in shown for image in images}
    assert all(data == folder.image(image).read_bytes() for image, data in copied.items())
    assert batch.assignments == 3 * len(batch.hits) == 9
    assert place.read(study) == batch

    key = folder.read_key()
    secrets = {cell.model for cell in key.cells} | {cell.dataset for cell in key.cells} - {"toy"}
    secrets |= {secret.source for secret in key.images.values()} | {folder.platform_key.read_bytes().hex(), "stratum"}
    for path in place.path.glob("*.*"):
        assert not any(secret in path.read_text(encoding="utf-8") for secret in secrets), path


def test_no_cell_of_the_csv_is_a_formula_or_needs_quotes(folder: StudyFolder, tmp_path: Path) -> None:
    export_batch(folder, tmp_path / "batch", url_base=URL, images_per_hit=4)
    text = BatchFolder(tmp_path / "batch").inputs.read_bytes().decode("ascii")
    assert re.fullmatch(r"(?:(?:(?:image_\d+|https://[\w./-]+\.png|),?)+\r\n)+", text)


def test_the_owners_part_is_not_needed(folder: StudyFolder, tmp_path: Path) -> None:
    folder.owner.rename(tmp_path / "elsewhere")
    assert export_batch(folder, tmp_path / "batch", url_base=URL).hits


def test_the_same_study_gives_the_same_batch(folder: StudyFolder, tmp_path: Path) -> None:
    one, two = (export_batch(folder, tmp_path / name, url_base=URL) for name in ("one", "two"))
    assert one == two
    files = [{path.name: path.read_bytes() for path in (tmp_path / name).glob("*.*")} for name in ("one", "two")]
    assert files[0] == files[1]


@pytest.mark.parametrize(
    "url",
    ["http://lab.example.org", "lab.example.org", "https://", "https://a/b?c=d", 'https://a/"b', "https://a/b c"],
)
def test_addresses_that_do_not_work_everywhere_are_refused(folder: StudyFolder, tmp_path: Path, url: str) -> None:
    with pytest.raises(ConfigError, match="--url-base"):
        export_batch(folder, tmp_path / "batch", url_base=url)
    assert not (tmp_path / "batch").exists()


def test_nothing_is_overwritten(folder: StudyFolder, tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    with pytest.raises(ConfigError, match="exists"):
        export_batch(folder, tmp_path / "thesis", url_base=URL)


def test_a_damaged_image_is_not_sent_out(folder: StudyFolder, tmp_path: Path) -> None:
    folder.image(folder.read().of_role(Role.MAIN)[0].id).write_bytes(b"no PNG")
    with pytest.raises(CorruptFileError, match="restore"):
        export_batch(folder, tmp_path / "batch", url_base=URL)
    assert not (tmp_path / "batch").exists()


def test_a_batch_of_another_study_is_told(folder: StudyFolder, tmp_path: Path) -> None:
    export_batch(folder, tmp_path / "batch", url_base=URL)
    other = make_study(tmp_path / "other", seed=1)
    with pytest.raises(ConfigError, match="another study"):
        BatchFolder(tmp_path / "batch").read(other.read())
    with pytest.raises(ConfigError, match="holds no batch"):
        BatchFolder(tmp_path / "nothing").read(folder.read())


EVIL = "</p><script>alert(1)</script> ${image_1} \" ' & ]]> é \N{GRINNING FACE}"


def test_every_word_of_the_owner_is_escaped(folder: StudyFolder, tmp_path: Path) -> None:
    study = folder.read()
    anchor = FrozenAnchor(id="a" * 24, score=2, note=EVIL, sha256="")
    labels = (f"worst {EVIL}", "2nd", "3rd", "best")
    evil = study.model_copy(
        update={"title": EVIL, "consent": EVIL, "instructions": EVIL, "contact": EVIL, "anchors": (anchor,),
                "scale": Scale(question=EVIL, labels=labels)}
    )  # fmt: skip
    html = render_template(evil, 2, lambda image: f"{URL}/{image}.png")
    assert "alert(1)</script>" not in html
    assert html.count("<script") == 2
    assert set(re.findall(r"\$\{[^}]*\}", html)) == {"${image_1}", "${image_2}"}
    filled = fill_template(html, {"image_1": f"{URL}/one.png", "image_2": ""})
    assert "$" + "{" not in filled
    assert f"{URL}/{'a' * 24}.png" in filled


def test_workers_never_see_the_title(folder: StudyFolder) -> None:
    study = folder.read().model_copy(update={"title": "SPADE against ours"})
    html = render_template(study, 2, lambda image: f"{URL}/{image}.png")
    assert "SPADE" not in html
    assert html.count("Image rating") == 2


def test_anchors_are_shown_with_their_scores(tmp_path: Path) -> None:
    folder = make_study(tmp_path / "study")
    study = folder.read()
    practice = study.of_role(Role.PRACTICE)[0]
    anchor = FrozenAnchor(id=practice.id, score=4, note="sharp throughout", sha256=practice.sha256)
    write_json(folder.frozen, study.model_copy(update={"anchors": (anchor,)}).to_json())
    export_batch(folder, tmp_path / "batch", url_base=URL)
    place = BatchFolder(tmp_path / "batch")
    assert (place.images / f"{practice.id}.png").is_file()
    html = place.template.read_text(encoding="utf-8")
    assert f'src="{URL}/{practice.id}.png"' in html
    assert "<b>4</b> high quality: sharp throughout" in html


def test_a_filled_form_has_four_options_for_each_image_and_the_scales_words(
    folder: StudyFolder, tmp_path: Path
) -> None:
    export_batch(folder, tmp_path / "batch", url_base=URL, images_per_hit=4)
    place, study = BatchFolder(tmp_path / "batch"), folder.read()
    html = place.template.read_text(encoding="utf-8")
    for row in input_rows(place):
        form = Form(fill_template(html, row))
        assert [url for url, _, _ in form.trials] == [url for url in row.values() if url]
        assert len({field for _, field, _ in form.trials}) == len(form.trials)
        assert all(options == ["1", "2", "3", "4"] for _, _, options in form.trials)
    assert all(label in html for label in study.scale.labels)
    assert html.count("required") == 1 + 4 * len(row)


def test_a_variable_that_is_no_column_is_named() -> None:
    with pytest.raises(ConfigError, match=r"\$\{picture\}.*it has image_1"):
        fill_template("<img src='${picture}'>", {"image_1": "x"})


def test_the_input_csv_is_read_as_it_was_meant(folder: StudyFolder, tmp_path: Path) -> None:
    batch = export_batch(folder, tmp_path / "batch", url_base=URL, images_per_hit=3, gold_per_hit=0)
    assert sorted(map(len, batch.hits)) == [2, 2, 3, 3]
    lines = list(csv.reader(io.StringIO(BatchFolder(tmp_path / "batch").inputs.read_text(encoding="utf-8"))))
    assert all(len(line) == 3 for line in lines)
