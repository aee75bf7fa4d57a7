"""Where ratings are kept: SQLite beside the study, or PostgreSQL for many raters."""
