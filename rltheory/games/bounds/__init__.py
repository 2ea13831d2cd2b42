"""What theory promises of games: one pure function for each theorem."""
