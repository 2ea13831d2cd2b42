"""Bounds of the theory of games, as functions."""
