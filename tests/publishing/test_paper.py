"""The paper's tables as data: what its prose says of them holds, and no number stands silently beside one of ours."""

from pathlib import Path

import pytest
from report.fake_rows import Fake, row

from sbgan_bench.errors import ConfigError
from sbgan_bench.paper import Paper, PaperValue, differences, paper, read_paper
from sbgan_bench.samples import LayoutSource

GENERATED = LayoutSource.GENERATED
CELL = {"model": "sbgan", "recipe": "both", "layout_source": GENERATED, "metric": "frechet-distance"}


@pytest.fixture(scope="module")
def tables() -> Paper:
    found = paper()
    assert found is not None
    return found


def _columns(tables: Paper, name: str) -> list[dict[str, float]]:
    columns: dict[str, dict[str, float]] = {}
    for value in tables.of_table(name):
        if value.value is not None:
            columns.setdefault(value.dataset, {})[value.row] = value.value
    return list(columns.values())


def test_all_tables_are_there_cell_by_cell(tables: Paper) -> None:
    counts = {table.name: len(tables.of_table(table.name)) for table in tables.tables}
    assert counts == {"table-1a": 9, "table-1b": 9, "table-2": 6, "table-3": 9, "table-4": 4}
    dashes = [value for value in tables.values if value.value is None]
    assert {(value.table, value.row, value.dataset) for value in dashes} == {
        ("table-1b", "BigGAN", "cityscapes-5k"), ("table-3", "BigGAN", "cityscapes-5k"),
    }  # fmt: skip
    assert all(value.reason for value in dashes)


def test_what_the_paper_says_of_its_numbers_is_true_of_them(tables: Paper) -> None:
    for name, better in (("table-1a", min), ("table-1b", min), ("table-2", min), ("table-3", max)):
        for column in _columns(tables, name):
            assert better(column, key=column.__getitem__) == "SB-GAN"
    low_data = [column for place, column in enumerate(_columns(tables, "table-1a")) if place != 1]
    assert all(column["SB-GAN W/O FT"] < column["ProGAN"] for column in low_data)  # "even without fine-tuning"
    [ablation] = _columns(tables, "table-4")
    assert sorted(ablation.values(), reverse=True) == [*ablation.values()]


def test_every_value_says_who_computed_it_and_what_is_left_open(tables: Paper) -> None:
    assert all(value.protocol.note and value.protocol.open for value in tables.values)
    assert float(tables.values[0].printed) == tables.values[0].value


def test_a_cell_with_two_numbers_is_asked_for_by_its_question(tables: Paper) -> None:
    place = {"dataset": "cityscapes-5k", "resolution": "128x256"}
    printed = {kind: _found(tables, kind=kind, **place).printed for kind in ("unconditional", "ablation", "")}
    assert printed == {"unconditional": "57.48", "ablation": "58.67", "": "57.48"}
    assert any("57.48" in note for note in _found(tables, kind="ablation", **place).notes)


def _found(tables: Paper, **facts: str) -> PaperValue:
    found = tables.find(**{**CELL, **facts})
    assert found is not None
    return found


@pytest.mark.parametrize(
    "other",
    [
        {"dataset": "toy-streets"}, {"resolution": "32x64"}, {"model": "elsewhere"}, {"recipe": "control-image"},
        {"metric": "kernel-distance"}, {"layout_source": LayoutSource.NONE},
    ],
    ids=lambda other: next(iter(other)),
)  # fmt: skip
def test_what_the_paper_did_not_measure_has_no_value(tables: Paper, other: dict[str, str]) -> None:
    assert tables.find(**{"dataset": "cityscapes-5k", "resolution": "128x256", **CELL, **other}) is None


def test_both_progans_of_the_suite_stand_for_the_papers(tables: Paper) -> None:
    place = {"dataset": "ade-indoor", "resolution": "128x128", "recipe": "default", "layout_source": LayoutSource.NONE}
    values = {_found(tables, model=model, **place).value for model in ("progan-sbgan", "progan-reference")}
    assert values == {85.94}


def test_another_protocol_is_never_silent(tables: Paper) -> None:
    fake = Fake(dataset="cityscapes-5k", tile=(128, 256))
    for protocol, published in (("scene", True), ("tf-compat", True), ("sbgan-legacy", False)):
        ours = row(fake, protocol, 1.0, published=published, **CELL)
        value = tables.beside(ours)
        assert value is not None
        assert f"the paper: FID, Inception; here: {protocol}" in " ".join(differences(value, ours))
    counterpart = row(fake, "sbgan-legacy", 1.0, **CELL)
    assert differences(_found(tables, dataset="cityscapes-5k", resolution="128x256"), counterpart) == ()


def test_an_unsaid_size_is_said_to_be_unsaid(tables: Paper) -> None:
    ours = row(Fake(dataset="cityscapes-5k", tile=(128, 256)), "sbgan-legacy", 1.0,
               **{**CELL, "layout_source": LayoutSource.REAL})  # fmt: skip
    value = tables.beside(ours)
    assert value is not None
    assert value.printed == "60.39"
    assert differences(value, ours) == ("the paper does not say at which size; here: 128×256",)


def test_a_variant_of_ours_is_not_what_the_paper_measured(tables: Paper) -> None:
    ours = row(Fake(dataset="cityscapes-5k", tile=(128, 256)), "scene", 1.0, variant="no-root", **CELL)
    assert tables.beside(ours) is None


def test_a_line_that_is_too_short_is_named(tmp_path: Path) -> None:
    text = """
        paper = "p"
        [protocols.fid]
        title = "FID"
        metric = "frechet-distance"
        better = "lower"
        network = "Inception"
        note = "n"
        [[tables]]
        name = "t"
        title = "T"
        kind = "ablation"
        protocol = "fid"
        columns = ["a", "b"]
        rows = [{ name = "one", models = ["x"], values = ["1"] }]
    """
    path = tmp_path / "tables.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match="line 'one' of t has 1 values for 2 columns"):
        read_paper(path)
