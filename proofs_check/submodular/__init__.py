"""Theorems of submodular reinforcement learning."""
