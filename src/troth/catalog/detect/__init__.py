"""Detectors for personal data: names, values, and the judgement over both."""

from troth.catalog.detect.copies import Overlap, Pair, Survey, pairs
from troth.catalog.detect.judge import Guess, guess
from troth.catalog.detect.kinds import Kind
from troth.catalog.detect.setting import Setting, settings
from troth.catalog.detect.values import Profile, profile

__all__ = [
    "Guess",
    "Kind",
    "Overlap",
    "Pair",
    "Profile",
    "Setting",
    "Survey",
    "guess",
    "pairs",
    "profile",
    "settings",
]
