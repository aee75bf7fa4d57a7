"""The twelve classes of a street scene and their colours."""

import enum


class Label(enum.IntEnum):
    """Class id of a pixel."""

    ROAD = 0
    PAVEMENT = 1
    BUILDING = 2
    FENCE = 3
    POLE = 4
    SIGN = 5
    TREE = 6
    TERRAIN = 7
    SKY = 8
    PEDESTRIAN = 9
    RIDER = 10
    CAR = 11


CLASS_NAMES = tuple(label.name.lower() for label in Label)

#: RGB per class, after the Cityscapes palette.
PALETTE = (
    (128, 64, 128),
    (244, 35, 232),
    (70, 70, 70),
    (190, 153, 153),
    (153, 153, 153),
    (220, 220, 0),
    (107, 142, 35),
    (152, 251, 152),
    (70, 130, 180),
    (220, 20, 60),
    (255, 110, 20),
    (0, 0, 142),
)
