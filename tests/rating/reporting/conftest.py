"""A study with everything in it, analysed once."""

import pytest
from rating.reporting.reported import Reported, fids, report

from sbgan_bench.rating.store.records import Platform


@pytest.fixture(scope="session")
def reported(tmp_path_factory: pytest.TempPathFactory) -> Reported:
    """A whole study with metrics beside it."""
    return report(tmp_path_factory.mktemp("reported"), measured=fids())


@pytest.fixture(scope="session")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Reported:
    """The same, filled by simulated raters."""
    return report(tmp_path_factory.mktemp("simulated"), platform=Platform.SIMULATED)
