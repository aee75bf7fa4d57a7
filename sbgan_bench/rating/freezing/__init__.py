"""Freezing a study: its images are chosen by lot, brought to one size, written without a trace of their sources."""

from sbgan_bench.rating.freezing.making import Outcome as Outcome
from sbgan_bench.rating.freezing.making import check_place as check_place
from sbgan_bench.rating.freezing.making import freeze as freeze
from sbgan_bench.rating.freezing.making import freeze_plan as freeze_plan
from sbgan_bench.rating.freezing.plan import Plan as Plan
from sbgan_bench.rating.freezing.plan import plan_study as plan_study
