"""Nash equilibria of games in normal form: all of them, one of them, or what can be said without finding any."""
