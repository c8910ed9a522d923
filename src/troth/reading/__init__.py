"""A project as a whole: its files read into policy and data map, with every fault and every place.

`read_project` is the way in for every command; `json_schema` prints the same declaration for editors. Files
come as bytes through arguments; nothing here opens one.
"""

from troth.reading.project import Reading, read_project
from troth.reading.schema import json_schema

__all__ = ["Reading", "json_schema", "read_project"]
