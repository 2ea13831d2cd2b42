"""Theorems about functionals of the law of the return, one file for each circle of ideas."""
