"""What theory promises about games: one pure function a theorem, put to the test by `proofs_check`."""
