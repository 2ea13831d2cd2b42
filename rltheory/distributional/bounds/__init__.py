"""What theory promises about laws of the return: one pure function a theorem, and `proofs_check` tests each."""
