"""What the project publishes: the paper's tables as data, and runs checked and copied into ``reports/``."""
