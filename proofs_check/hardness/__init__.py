"""Theorems of hardness."""

THEOREMS = ()
