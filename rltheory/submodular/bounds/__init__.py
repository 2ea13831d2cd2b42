"""What theory promises of submodular reinforcement learning: one pure function a theorem."""
