"""Human rating sessions: a study is frozen, raters score its images blind, the owner gets Table 3 as it deserves.

``study.toml`` → frozen study (``freezing``) → ratings (``store``, filled by ``page`` or ``crowd``) → long table →
``analysis`` → rows. The process that raters talk to (``page``) reads the frozen study and the store, never the owner's
key.
"""
