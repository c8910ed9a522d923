"""Exports of people: made, written, checked."""
