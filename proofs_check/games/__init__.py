"""Theorems of games: equilibria, what deviating gains, and what players averse to risk do."""
