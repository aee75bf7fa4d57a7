"""Entry point of the command line: ``sbgan-bench`` and ``python -m sbgan_bench``."""

from sbgan_bench.cli import main

if __name__ == "__main__":
    main()
