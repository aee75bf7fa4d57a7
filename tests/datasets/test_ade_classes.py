from collections import Counter

import numpy as np

from sbgan_bench.datasets.ade_classes import ADE20K_IDS, CLASSES, ade_classes, class_names, class_table


def test_the_table_covers_every_id_of_ade20k_once_in_the_published_order():
    rows = ade_classes()
    assert [row.ade20k_id for row in rows] == list(range(ADE20K_IDS))
    assert len({row.name for row in rows}) == ADE20K_IDS
    shares = [row.share for row in rows[1:]]
    assert shares == sorted(shares, reverse=True)


def test_ninety_five_classes_come_out_each_from_one_of_ade20ks_but_for_other():
    counts = Counter(class_table().tolist())
    assert sorted(counts) == list(range(CLASSES))
    assert {count for class_id, count in counts.items() if class_id} == {1}
    assert counts[0] == ADE20K_IDS - (CLASSES - 1)


def test_names_and_table_belong_together():
    names, table = class_names(), class_table()
    assert len(names) == CLASSES
    assert names[0] == "other"
    for row in ade_classes():
        expected = "other" if row.left_out else row.name
        assert names[table[row.ade20k_id]] == expected


def test_the_stated_rule_gives_the_table():
    """By hand what belongs to other places; of the rest the largest shares, in ADE20K's order."""
    rows = ade_classes()[1:]
    indoors = [row for row in rows if row.left_out in ("", "rare")]
    assert {row.left_out for row in rows} == {"", "outdoors", "vehicle", "elsewhere", "rare"}
    assert [row.class_id for row in indoors[: CLASSES - 1]] == list(range(1, CLASSES))
    assert all(row.left_out == "rare" and row.class_id == 0 for row in indoors[CLASSES - 1 :])


def test_the_table_turns_label_maps_into_byte_sized_classes():
    mapped = class_table()[np.array([[0, 1, 7], [150, 8, 149]], np.uint8)]
    assert mapped.dtype == np.uint8
    assert mapped.tolist() == [[0, 1, 0], [0, 7, 0]]
