"""Theorems of distributional dynamic programming, one file for each circle of ideas."""
