"""Databases for the tests of rating sessions."""

from rating.databases import database_url as database_url
from rating.databases import postgres as postgres
