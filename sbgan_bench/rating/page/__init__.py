"""The page that raters see: consent, instructions, one image at a time, thanks.

It runs in a process of its own that knows the frozen study and the store of ratings, and no results: ``application``
puts routes for images and scores (``routes``) beside a Streamlit script (``shell``), which mounts the block of buttons
and keys (``trial``). Both work on one ``Desk``. All state is in the store and in the address, so that a reload,
another device or another worker process goes on where the rater stopped.
"""
