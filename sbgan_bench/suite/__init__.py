"""Suites: a TOML file becomes a graph of jobs, the jobs become result rows."""
