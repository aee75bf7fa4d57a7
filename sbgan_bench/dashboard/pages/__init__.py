"""The pages, one a file: each has a function ``show`` that is given the view."""
