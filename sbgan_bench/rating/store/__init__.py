"""Where ratings are kept: SQLite beside the study, or PostgreSQL for many raters."""

from sbgan_bench.rating.store.opening import create_store as create_store
from sbgan_bench.rating.store.opening import open_store as open_store
from sbgan_bench.rating.store.opening import store_url as store_url
from sbgan_bench.rating.store.store import RatingStore as RatingStore
