"""All tables together, for comparing them with the migrations; a running process needs none."""

from storage import tables_messages, tables_people, tables_points
from storage.tables import METADATA

TABLES = (tables_messages, tables_people, tables_points)
"""The modules whose tables have to be in the metadata before it is used."""

__all__ = ["METADATA", "TABLES"]
