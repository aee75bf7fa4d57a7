"""How the tables came to be: one file in ``versions`` for each step.

A step that was released is never changed, only followed by another, whose ``down_revision`` names it. The tests
compare what the steps make with ``schema.metadata``.
"""
