import pytest


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory, monkeypatch):
    """No test touches the user's cache."""
    monkeypatch.setenv("SBGAN_BENCH_CACHE", str(tmp_path_factory.mktemp("cache")))
