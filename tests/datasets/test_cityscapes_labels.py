import numpy as np
import pytest
from cityscapes_trees import DRN_CLASSES

from sbgan_bench.datasets.cityscapes_labels import LABELS, STORED_IDS, Channels, classes_of, train_ids_by_name
from sbgan_bench.errors import DataError

#: Ids to train ids, as published with the dataset and used by DRN.
TRAIN_IDS = {
    7: 0, 8: 1, 11: 2, 12: 3, 13: 4, 17: 5, 19: 6, 20: 7, 21: 8, 22: 9, 23: 10, 24: 11, 25: 12, 26: 13, 27: 14, 28: 15,
    31: 16, 32: 17, 33: 18,
}  # fmt: skip
STORED = np.array([[*range(34), 255]], np.uint8)


def channels_of(channels):
    return classes_of(channels).apply(STORED_IDS.apply(STORED, "x.png"))[0].tolist()


@pytest.mark.parametrize(("channels", "number"), [("released", 35), ("printed", 33), ("train-ids", 20)])
def test_every_channel_has_a_name_and_a_colour_of_its_own(channels, number):
    classes = classes_of(Channels(channels))
    assert len(classes.names) == len(set(classes.names)) == len(set(classes.palette)) == number
    assert set(classes.channel_of) == set(range(number))


def test_released_channels_are_the_stored_ids_and_34_for_raw_255():
    assert channels_of(Channels.RELEASED) == [*range(34), 34]
    assert classes_of(Channels.RELEASED).ignore_index == 34


def test_printed_channels_are_the_ids_from_1_on_and_what_has_no_label_is_out_of_roi():
    assert channels_of(Channels.PRINTED) == [2, *range(33), 2]
    assert classes_of(Channels.PRINTED).names[2] == "out of roi"


def test_train_ids_are_the_published_ones_and_19_for_the_rest():
    assert channels_of(Channels.TRAIN_IDS) == [TRAIN_IDS.get(i, 19) for i in [*range(34), 255]]
    assert classes_of(Channels.TRAIN_IDS).names == (*DRN_CLASSES, "unknown")


@pytest.mark.parametrize("stored", [34, 100, 200, 254])
def test_ids_that_cityscapes_does_not_have_are_refused(stored):
    with pytest.raises(DataError, match=rf"label id {stored} \(6 pixels\).*0 to 33 and 255.*gtFine"):
        STORED_IDS.apply(np.full((2, 3), stored, np.uint8), "a.png")


def test_classes_of_others_are_understood_by_name():
    assert train_ids_by_name(DRN_CLASSES, "m") == tuple(range(19))
    everything = tuple(label.name for label in LABELS)
    assert train_ids_by_name((*everything, "license plate"), "m") == tuple(channels_of(Channels.TRAIN_IDS))
    with pytest.raises(DataError, match=r"manifest\.json names the classes 'pavement'"):
        train_ids_by_name(("road", "pavement"), "manifest.json")
