"""The statistics of a study: long table in, findings out. No store, no page, no torch."""
