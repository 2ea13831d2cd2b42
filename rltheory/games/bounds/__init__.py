"""What theory promises of games: one pure function a theorem, put to the test by `proofs_check`."""
