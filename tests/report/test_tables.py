"""Laws of tables: numbers are those of the rows, yardsticks are always there, columns never mix."""

import dataclasses

import pytest
from report.fake_rows import FLOORS, GENERATED, POOL, Fake, row, rows

from sbgan_bench.errors import BenchError
from sbgan_bench.manifest import TableKind, TableRecord
from sbgan_bench.report.definitions import (
    ABLATION,
    COLUMN,
    DEFINITIONS,
    GIVEN_LAYOUTS,
    UNCONDITIONAL,
    definitions,
)
from sbgan_bench.report.tables import Table, table
from sbgan_bench.report.wording import Names
from sbgan_bench.results import FLOOR, SMALL_SAMPLE, Origin, Reals, ResultRow, Status

NAMES = Names({"progan": "ProGAN", "biggan": "BigGAN", "spade": "SPADE", "sbgan": "SB-GAN"})


def _made(fake: Fake, **kinds: object) -> dict[str, Table]:
    everything = list(rows(fake))
    return {definition.name: table(everything, definition, NAMES) for definition in DEFINITIONS}


def _labels(made: Table, standard: bool) -> list[str]:
    return [f"{line.label} {line.detail}".strip() for line in made.rows if line.standard is standard]


@pytest.fixture(scope="module")
def tables() -> dict[str, Table]:
    return _made(Fake(sizes=(100, 400)))


def test_every_definition_finds_its_rows(tables: dict[str, Table]) -> None:
    assert all(made.columns for made in tables.values())


def test_every_table_has_its_yardsticks(tables: dict[str, Table]) -> None:
    for made in tables.values():
        standard = " ".join(_labels(made, standard=True))
        assert "the floor" in standard
        assert "Constant image" in standard
        assert "untrained" in standard


def test_yardsticks_nobody_measured_are_shown_as_missing() -> None:
    alone = [row_ for row_ in rows(Fake()) if row_.model == "sbgan" and row_.recipe == "both"]
    made = table(alone, UNCONDITIONAL)
    floor = made.rows[0]
    assert floor.standard
    assert {cell.text for cell in floor.cells} == {"–"}


def test_values_are_those_of_the_rows(tables: dict[str, Table]) -> None:
    measured = {id_: row_ for row_ in rows(Fake(sizes=(100, 400))) if (id_ := row_.cell()) and row_.value is not None}
    shown = [cell for made in tables.values() for line in made.rows for cell in line.cells if cell.value is not None]
    assert len(shown) > 100
    for cell in shown:
        source = measured[cell.rows[0].cell()]
        assert cell.value == source.value
        assert source.trial is None
        assert float(cell.text.replace("−", "-")) == pytest.approx(source.value, abs=0.005, rel=0.005)


def test_table_1_holds_the_paper_rows_in_order(tables: dict[str, Table]) -> None:
    trained = _labels(tables["table-1"], standard=False)
    assert trained[:4] == ["ProGAN", "BigGAN", "SB-GAN without fine-tuning", "SB-GAN both stages fine-tuned"]


def test_table_2_holds_image_stages_only(tables: dict[str, Table]) -> None:
    trained = _labels(tables["table-2"], standard=False)
    assert trained[0] == "SPADE"
    assert len(trained) == 5
    assert not any("layout stage" in label for label in trained)


def test_table_4_holds_four_settings_and_two_controls(tables: dict[str, Table]) -> None:
    trained = _labels(tables["table-4"], standard=False)
    assert len(trained) == 6
    assert sum("control" in label for label in trained) == 2


def test_gap_stands_beside_the_two_scores_it_is_a_difference_of(tables: dict[str, Table]) -> None:
    made = tables["bottleneck-gap"]
    metrics = [column.header[-1] for column in made.columns]
    assert metrics[:3] == ["Fréchet distance ↓", "Fréchet distance ↓", "bottleneck gap"]
    assert len(made.trained) == 3


def test_data_size_table_exists_only_where_sizes_differ(tables: dict[str, Table]) -> None:
    assert "400 training images" in " ".join(_labels(tables["data-size"], standard=False))
    assert not _made(Fake())["data-size"].columns


def test_sizes_of_training_set_stand_in_columns_of_their_own(tables: dict[str, Table]) -> None:
    for group in zip(*(line.cells for line in tables["table-1"].trained), strict=True):
        assert len({cell.rows[0].training_images for cell in group if cell.rows}) == 1


def test_spreads_over_trials_and_seeds_are_kept_apart() -> None:
    both = table(rows(Fake(seeds=(0, 1, 2))), ABLATION, NAMES).trained[0].cells[0]
    summary, *seeds = both.rows
    assert summary.training_seed is None
    assert [seed.training_seed for seed in seeds] == [0, 1, 2]
    assert float(both.seeds) == pytest.approx(summary.spread, abs=5e-4)
    low, high = map(float, both.trials.split("–"))
    assert low == pytest.approx(min(seed.spread for seed in seeds), abs=5e-4)
    assert high == pytest.approx(max(seed.spread for seed in seeds), abs=5e-4)


def test_single_values_have_no_spread() -> None:
    one_seed = table(rows(Fake(seeds=(0,))), GIVEN_LAYOUTS, NAMES)
    spade, sbgan = one_seed.trained[:2]
    assert (spade.cells[0].trials, spade.cells[0].seeds) == ("–", "–")
    assert sbgan.cells[0].trials != "–"
    assert sbgan.cells[0].seeds == "–"


def test_seeds_without_summary_show_one_and_say_so() -> None:
    seeds = [row(Fake(), "scene", 1.0 + seed, model="sbgan", recipe="both", layout_source=GENERATED,
                 training_images=400, training_seed=seed) for seed in (0, 1)]  # fmt: skip
    made = table(seeds, ABLATION)
    assert made.trained[0].cells[0].value == 1.0
    assert any("no summary over the 2 seeds" in note for note in made.footnotes)


def test_skipped_and_failed_cells_say_why(tables: dict[str, Table]) -> None:
    made = tables["table-1"]
    texts = {line.label: line.cells[0] for line in made.rows}
    assert texts["stylegan"].text == "skipped"
    assert texts["ddpm"].text == "failed"
    assert made.footnotes[texts["stylegan"].notes[0]] == "skipped: needs square images"
    assert "NaN" in texts["ddpm"].hover


def test_notes_and_cautions_become_footnotes() -> None:
    made = table(rows(Fake()), ABLATION, NAMES, {"toy-streets": "one drive only"})
    assert "seed 1 repeats" in made.footnotes
    assert "toy-streets: one drive only" in made.footnotes


def test_the_share_of_the_floor_is_said_of_each_value_and_its_bias_once_of_the_column() -> None:
    made = table(rows(Fake()), ABLATION, NAMES)
    [column, *_] = made.columns
    assert "N = 200 is not above the 272 feature dimensions" in made.footnotes[column.notes[0]]
    for line in made.trained:
        cell = line.cells[0]
        assert not any(made.footnotes[index].startswith(SMALL_SAMPLE) for index in cell.notes)
        share = 100 * FLOORS["scene"] / (cell.value or 0)
        assert f"the floor, 0.02, is {share:.0f} % of this value" in cell.hover
        assert POOL in cell.hover


def test_the_smaller_side_is_the_one_that_is_too_small() -> None:
    note = f"{SMALL_SAMPLE}N = 100 is not above the 272 dimensions of scene"
    sizes = {"reals": Reals.ALL, "num_real": 5000, "num_generated": 100}
    made = table([row(Fake(), "scene", 1.0, model="a", notes=(note,), **sizes)], UNCONDITIONAL)
    assert any(text.startswith("N = 100 is not above") for text in made.footnotes)
    assert "5\u202f000 real, 100 generated" in made.common


@pytest.mark.parametrize(
    ("protocol", "published", "name"),
    [
        ("tf-compat", True, "FID ↓"),
        ("tf-compat", False, "Fréchet distance ↓"),
        ("clean", True, "clean-FID ↓"),
        ("clean", False, "Fréchet distance ↓"),
        ("dinov2", True, "FD-DINOv2 ↓"),
        ("scene", True, "Fréchet distance ↓"),
    ],
)
def test_a_distance_has_its_known_name_only_with_the_published_weights(
    protocol: str, published: bool, name: str
) -> None:
    made = table([row(Fake(), protocol, 1.0, model="a", published=published)], UNCONDITIONAL)
    assert made.columns[0].header[-1] == name
    assert ("weights not the published ones" in " ".join(made.common)) is not published


def test_other_weights_never_share_a_column_with_the_published_ones() -> None:
    first = row(Fake(), "tf-compat", 1.0, model="a")
    second = first.model_copy(update={"model": "b", "weights_hash": "9" * 64, "published": False})
    headers = [column.text for column in table([first, second], UNCONDITIONAL).columns]
    assert sorted(headers) == [
        "tf-compat 99999999, weights not the published ones, Fréchet distance ↓", "tf-compat tttttttt, FID ↓",
    ]  # fmt: skip


def test_all_failed_still_makes_a_table_with_its_yardsticks() -> None:
    made = table(rows(Fake(status=Status.FAILED)), UNCONDITIONAL, NAMES)
    assert made.columns
    assert {cell.text for line in made.trained for cell in line.cells} <= {"failed", "skipped"}
    assert made.rows[0].cells[0].value == 0.02


def test_no_rows_make_no_columns() -> None:
    assert table([], UNCONDITIONAL).columns == ()
    assert table([], UNCONDITIONAL).rows == ()


@pytest.mark.parametrize(
    ("field", "other", "words"),
    [
        ("num_real", 500, "number of real images"),
        ("num_generated", 500, "number of generated images"),
        ("resolution", "64x128", "resolution"),
        ("weights_hash", "9" * 64, "protocol weights"),
        ("protocol", "texture", "protocol"),
        ("split", "official", "split"),
        ("selection", "best (scene)", "checkpoint selection"),
        ("fingerprint", "0" * 64, "dataset fingerprint"),
        ("dataset", "camvid", "dataset"),
        ("metric", "diversity", "metric"),
    ],
)
def test_column_refuses_to_mix(field: str, other: object, words: str) -> None:
    first = row(Fake(), "scene", 1.0, model="a", selection="last")
    second = ResultRow.model_validate(first.model_dump() | {"model": "b", field: other})
    everything = dataclasses.replace(UNCONDITIONAL, select=list)
    lenient = dataclasses.replace(everything, column_by=tuple(name for name in COLUMN if name != field))
    with pytest.raises(BenchError, match=words):
        table([first, second], lenient)
    apart = table([first, second], everything)
    assert len(apart.columns) == 2
    shown = "64×128" if field == "resolution" else str(other)[:8]
    assert any(shown in column.text for column in apart.columns)


def test_floor_of_another_size_does_not_enter_a_column() -> None:
    first = row(Fake(), "scene", 1.0, model="a")
    floor = row(Fake(), "scene", 0.1, model=FLOOR, num_real=50)
    made = table([first, floor], UNCONDITIONAL)
    assert [line.cells[0].text for line in made.rows if line.detail == "the floor"] == ["–"]


def test_a_variant_has_a_line_of_its_own_that_names_it() -> None:
    made = _made(Fake(variants=("", "no-root")))
    labels = _labels(made["table-1"], standard=False)
    place = labels.index("SB-GAN both stages fine-tuned")
    assert labels[place + 1] == "SB-GAN both stages fine-tuned (no-root)"
    own, other = (line.cells[0] for line in made["table-4"].trained if "both" in line.detail)
    assert (own.rows[0].variant, other.rows[0].variant) == ("", "no-root")
    assert own.value != other.value


def test_a_variant_of_a_model_with_one_recipe_stands_behind_its_name() -> None:
    made = table([row(Fake(), "scene", 1.0, model="biggan", recipe="default", variant="large")], UNCONDITIONAL, NAMES)
    assert _labels(made, standard=False) == ["BigGAN large"]


def test_an_untrained_variant_is_not_mistaken_for_the_untrained_model() -> None:
    first = row(Fake(), "scene", 1.0, model="sbgan", recipe="both", layout_source=GENERATED)
    plain = row(Fake(), "scene", 9.0, model="sbgan", recipe="untrained", layout_source=GENERATED)
    made = table([first, plain, plain.model_copy(update={"variant": "soft", "value": 8.0})], ABLATION, NAMES)
    values = {line.detail: line.cells[0].value for line in made.rows if "untrained" in line.detail}
    assert values == {"untrained": 9.0, "untrained (soft)": 8.0}


def test_the_perceptual_loss_is_stated_once_or_beside_every_number_it_differs_in() -> None:
    values = [row(Fake(), "scene", 1.0, model=model, recipe="default", perceptual=network)
              for model, network in (("a", "none"), ("b", "vgg19 " + "d" * 64), ("c", ""))]  # fmt: skip
    alone = table(values[:1] + values[2:], UNCONDITIONAL)
    assert "perceptual loss: none" in alone.common
    assert not any("Perceptual" in note for note in alone.footnotes)
    made = table(values, UNCONDITIONAL)
    notes = {line.label: [made.footnotes[i] for i in line.cells[0].notes] for line in made.trained}
    assert "Perceptual loss: none" in notes["a"]
    assert "Perceptual loss: vgg19 dddddddd" in notes["b"]
    assert not any("Perceptual" in note for note in notes["c"])


def test_one_reference_for_all_trials_never_shares_a_column_with_drawn_ones() -> None:
    first = row(Fake(), "scene", 1.0, model="a", selection="last")
    second = first.model_copy(update={"model": "b", "reals": Reals.WHOLE})
    made = table([first, second], UNCONDITIONAL)
    assert len(made.columns) == 2
    assert sum("the same reals in every trial" in column.text for column in made.columns) == 1
    lenient = dataclasses.replace(UNCONDITIONAL, column_by=tuple(name for name in COLUMN if name != "reals"))
    with pytest.raises(BenchError, match="choice of real images"):
        table([first, second], lenient)


def test_a_loaded_model_joins_the_columns_it_fits() -> None:
    sizes = [row(Fake(), "scene", 1.0, model="a", training_images=size, selection="last") for size in (100, 400)]
    loaded = row(Fake(), "scene", 2.0, model="b", recipe="imported", origin=Origin.IMPORTED)
    other = row(Fake(), "texture", 3.0, model="b", recipe="imported", origin=Origin.IMPORTED)
    made = table([*sizes, loaded, other], UNCONDITIONAL)
    assert len(made.columns) == 3
    a, b = made.trained
    pairs = [(mine.value, theirs.value) for mine, theirs in zip(a.cells, b.cells, strict=True)]
    assert sorted(pairs, key=str) == [(1.0, 2.0), (1.0, 2.0), (None, 3.0)]


def test_tables_of_a_suite_take_their_columns_apart() -> None:
    places = [("cityscapes-5k", (128, 256)), ("cityscapes-5k", (256, 512)), ("ade-indoor", (128, 128))]
    everything = [one for name, tile in places for one in rows(Fake(dataset=name, tile=tile, variants=("", "soft")))]
    records = [
        TableRecord(name="table-1a", title="1a", kind=TableKind.UNCONDITIONAL, columns=("cityscapes-5k/256x512",)),
        TableRecord(
            name="table-1b", title="1b", kind=TableKind.UNCONDITIONAL, columns=("cityscapes-5k/128x256", "ade-indoor")
        ),
        TableRecord(name="table-4", title="4", kind=TableKind.ABLATION, columns=("cityscapes-5k/128x256",)),
    ]
    made = {one.name: table(everything, one, NAMES) for group in definitions(records).values() for one in group}
    assert set(made) == {"table-1a", "table-1b", "table-4"}
    shown = {name: {(cell.rows[0].dataset, cell.rows[0].resolution) for line in one.rows for cell in line.cells
                    if cell.rows} for name, one in made.items()}  # fmt: skip
    assert shown["table-1a"] == {("cityscapes-5k", "256x512")}
    assert shown["table-1b"] == {("cityscapes-5k", "128x256"), ("ade-indoor", "128x128")}
    assert shown["table-4"] == {("cityscapes-5k", "128x256")}
    assert any("(soft)" in line.detail for line in made["table-1b"].trained)
