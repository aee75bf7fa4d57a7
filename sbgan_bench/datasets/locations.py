"""Where prepared tables, digests and trained judges are kept between runs."""

import os
from pathlib import Path

import platformdirs

#: Environment variable that moves the cache.
CACHE_VARIABLE = "SBGAN_BENCH_CACHE"


def cache_root() -> Path:
    """Return the cache folder: ``$SBGAN_BENCH_CACHE`` if set, else the platform's cache folder for this package."""
    chosen = os.environ.get(CACHE_VARIABLE)
    return Path(chosen).expanduser() if chosen else platformdirs.user_cache_path("sbgan-bench")
