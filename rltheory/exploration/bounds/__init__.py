"""What theory promises of exploration: one pure function a theorem."""
