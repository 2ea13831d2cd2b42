"""Theorems of games: equilibria, what learning reaches, aversion to risk, and games that go on."""
