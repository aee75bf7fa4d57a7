"""Scoring and comparing outside of suites: sets of images, or saved models against a dataset."""

from sbgan_bench.evaluation.contest import Contest
from sbgan_bench.evaluation.models import contest_of_models, evaluate_model
from sbgan_bench.evaluation.sets import contest_of_sets, evaluate_sets
from sbgan_bench.evaluation.terms import Terms

__all__ = ["Contest", "Terms", "contest_of_models", "contest_of_sets", "evaluate_model", "evaluate_sets"]
