"""Theorems about laws of returns and their control, one file for each circle of ideas."""
