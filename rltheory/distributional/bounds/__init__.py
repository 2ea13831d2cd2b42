"""What theory promises about laws of returns and their control: one pure function a theorem."""
