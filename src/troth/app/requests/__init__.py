"""Requests of people, led from the first letter to the end: opening, steps, terms, customers, letters, views."""
