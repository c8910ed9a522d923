"""Drafts of a project for a database nobody has described yet."""

from troth.catalog.draft.project import Cited, draft

__all__ = ["Cited", "draft"]
