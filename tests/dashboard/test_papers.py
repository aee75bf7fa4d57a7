"""The paper's tables with what a run has for each of their cells: the same thing, or a dash with its reason."""

from collections.abc import Iterable

from report.fake_rows import GENERATED, NONE, Fake, row

from sbgan_bench.dashboard.papers import PaperCell, paper_cells
from sbgan_bench.paper import Paper, PaperTable, paper
from sbgan_bench.results import ResultRow, Status

PLACE = Fake(dataset="cityscapes-5k", tile=(256, 512))


def printed(name: str = "table-1a") -> tuple[Paper, PaperTable]:
    found = paper()
    assert found is not None
    return found, next(table for table in found.tables if table.name == name)


def cell(rows: Iterable[ResultRow], line: str, column: str = "cityscapes-5k/256x512") -> PaperCell:
    """Return one cell of Table 1a."""
    found, table = printed()
    lines = dict(zip((one.name for one in table.rows), paper_cells(found, table, list(rows)), strict=True))
    return lines[line][table.columns.index(column)]


def ours(protocol: str, value: float | None, **other: object) -> ResultRow:
    facts = {"model": "progan-reference", "recipe": "default", "layout_source": NONE}
    return row(PLACE, protocol, value, **facts | other)


def test_every_cell_of_every_table_is_there_without_any_run() -> None:
    found, _ = printed()
    for table in found.tables:
        lines = paper_cells(found, table, ())
        assert [[one.paper.text if one.paper.text != "–" else "-" for one in line] for line in lines] == [
            list(line.values) for line in table.rows
        ]
        assert {(one.ours[0].text, one.ours[0].why) for line in lines for one in line} == {
            ("–", "this run has no rows")
        }


def test_a_value_stands_with_its_spread_its_protocol_and_what_is_not_shared() -> None:
    (shown,) = cell([ours("tf-compat", 63.87, spread=1.25)], "ProGAN").ours
    assert shown.text == "63.87 ± 1.25 tf-compat"
    assert "tf-compat" in shown.why


def test_the_protocol_of_the_papers_code_stands_alone_beside_it() -> None:
    made = [ours("tf-compat", 63.87), ours("sbgan-legacy", 64.5)]
    assert [shown.text for shown in cell(made, "ProGAN").ours] == ["64.50 sbgan-legacy"]
    assert len(cell([*made[:1], ours("clean", 60.0)], "ProGAN").ours) == 2


def test_a_summary_over_seeds_stands_for_its_seeds() -> None:
    made = [ours("tf-compat", value, training_seed=seed) for seed, value in enumerate((60.0, 70.0))]
    assert len(cell(made, "ProGAN").ours) == 2
    assert [shown.text for shown in cell([*made, ours("tf-compat", 65.0)], "ProGAN").ours] == ["65.00 tf-compat"]


def test_other_models_sizes_recipes_and_variants_are_other_cells() -> None:
    others = [{"model": "biggan"}, {"resolution": "64x128"}, {"recipe": "untrained"}, {"variant": "wide"},
              {"layout_source": GENERATED}, {"dataset": "camvid"}, {"metric": "kernel-distance"}]  # fmt: skip
    for other in others:
        made = ours("tf-compat", 63.87).model_copy(update=other)
        assert cell([made], "ProGAN").ours[0].text == "–", other


def test_a_dash_has_its_reason() -> None:
    elsewhere = row(Fake(), "scene", 1.0, model="progan-reference", recipe="default")
    assert cell([elsewhere], "ProGAN").ours[0].why == "not part of this run, which has toy-streets 32×64"
    failed = ours("tf-compat", None, status=Status.FAILED, reason="out of memory")
    assert cell([failed], "ProGAN").ours[0].why == "failed: out of memory"
    assert cell([ours("tf-compat", 1.0, model="biggan")], "ProGAN").ours[0].why == "this run did not measure it"
