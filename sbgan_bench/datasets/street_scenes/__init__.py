"""Procedural street scenes: plan a street, paint its surfaces, shade every pixel.

A scene is planned in metres (``street``, ``atmosphere``, ``populate``), painted back to front as numbered surfaces
(``canvas`` and the object modules), and shaded per pixel from the surface numbers (``shading`` and its parts). The
label map and the image come from the same surface numbers, hence they agree pixel for pixel.
"""
