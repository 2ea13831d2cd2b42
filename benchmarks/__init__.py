"""Speed, memory and accuracy of the solvers, side by side with other libraries: ``python -m benchmarks --help``."""
