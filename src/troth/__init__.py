"""Troth reads the promises of a privacy policy, keeps them in the stores, and proves it."""

__version__ = "0.1.0"
