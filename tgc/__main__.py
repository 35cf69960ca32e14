"""`python -m tgc`."""

from tgc.cli import main

main(prog_name="tgc")
