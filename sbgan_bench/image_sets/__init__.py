"""Sets of images that are measured, however they are kept: folders, zip archives, sample packs, or statistics alone.

The same images give the same arrays whatever they are kept in. Images are read a few at a time, whatever their number.
"""

from sbgan_bench.image_sets.opening import Kind as Kind
from sbgan_bench.image_sets.opening import kind_of as kind_of
from sbgan_bench.image_sets.opening import open_images as open_images
from sbgan_bench.image_sets.opening import open_layouts as open_layouts
from sbgan_bench.image_sets.sets import ImageSet as ImageSet
from sbgan_bench.image_sets.sets import LayoutSet as LayoutSet
from sbgan_bench.image_sets.sets import compression_note as compression_note
from sbgan_bench.image_sets.statistics import Statistics as Statistics
from sbgan_bench.image_sets.statistics import open_statistics as open_statistics
