"""Theorems of games: what players do, and how far a profile is from the point where nobody wants to deviate."""
