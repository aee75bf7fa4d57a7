from sbgan_bench.cli import stages
from sbgan_bench.cli.stages import shown_stages


def test_a_log_has_a_line_now_and_then_and_one_at_the_end(capsys, monkeypatch):
    clock = iter(range(0, 1000, 5))
    monkeypatch.setattr(stages.time, "monotonic", lambda: float(next(clock)))
    with shown_stages() as shown:
        for done in range(1, 13):
            shown.show("training", done, 12, "loss 1")
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "training: 1 of 12 (loss 1)"
    assert lines[1] == "training: 5 of 12 (loss 1), about 0.6 min left"
    assert lines[-1] == "training: 12 of 12 (loss 1)"
    assert len(lines) == 4
