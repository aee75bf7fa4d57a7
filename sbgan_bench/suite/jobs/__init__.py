"""What each kind of job does: one function per kind, a pure function of its configuration and inputs."""

from collections.abc import Callable

from sbgan_bench.suite.graph import JobKind
from sbgan_bench.suite.jobs.adopting import load_saved, resettle
from sbgan_bench.suite.jobs.comparing import compare
from sbgan_bench.suite.jobs.context import JobContext
from sbgan_bench.suite.jobs.data import adopt_or_train_judge, prepare_split
from sbgan_bench.suite.jobs.following import choose_snapshot, follow_snapshots
from sbgan_bench.suite.jobs.gallery import draw_gallery
from sbgan_bench.suite.jobs.measuring import extract_features, score
from sbgan_bench.suite.jobs.nearest import draw_nearest
from sbgan_bench.suite.jobs.summary import summarise
from sbgan_bench.suite.jobs.training import train_model
from sbgan_bench.suite.jobs.training_worth import train_on_pairs

#: Each returns the content hash of what it left in its folder.
JOBS: dict[JobKind, Callable[[JobContext], str]] = {
    JobKind.PREPARE: prepare_split,
    JobKind.JUDGE: adopt_or_train_judge,
    JobKind.TRAIN: train_model,
    JobKind.FOLLOW: follow_snapshots,
    JobKind.SELECT: choose_snapshot,
    JobKind.RESETTLE: resettle,
    JobKind.LOAD: load_saved,
    JobKind.FEATURES: extract_features,
    JobKind.SCORE: score,
    JobKind.GAN_TRAIN: train_on_pairs,
    JobKind.COMPARE: compare,
    JobKind.NEAREST: draw_nearest,
    JobKind.GALLERY: draw_gallery,
    JobKind.SUMMARY: summarise,
}
