"""What theory promises about laws of the return: one pure function a theorem, put to the test by `proofs_check`."""
