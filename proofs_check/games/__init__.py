"""Theorems of games."""
