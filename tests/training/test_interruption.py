import os
import signal

import pytest

from sbgan_bench.training.interruption import stop_requests


@pytest.fixture
def handlers():
    """Handlers to be found and put back, whatever a test leaves behind."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("handlers")
def test_what_is_ignored_stays_ignored():
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with stop_requests() as stop:
        os.kill(os.getpid(), signal.SIGINT)
        assert not stop
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


@pytest.mark.usefixtures("handlers")
def test_ctrl_c_in_a_terminal_and_the_parent_asking_after_it_do_not_cut_saving_short():
    """As a worker has it: the terminal sends SIGINT to all, then the parent sends SIGTERM, perhaps twice."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with stop_requests() as stop:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGINT, signal.SIGTERM):
            os.kill(os.getpid(), number)
        assert stop.name == "SIGTERM"
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


@pytest.mark.usefixtures("handlers")
@pytest.mark.parametrize("order", [(signal.SIGINT, signal.SIGTERM), (signal.SIGTERM, signal.SIGINT)])
def test_the_first_signal_is_named_and_handlers_stay_until_the_end(order):
    mine = lambda number, frame: pytest.fail("not while saving")  # noqa: E731
    for number in order:
        signal.signal(number, mine)
    with stop_requests() as stop:
        for number in order:
            os.kill(os.getpid(), number)
        assert stop.name == order[0].name
    assert [signal.getsignal(number) for number in order] == [mine, mine]
