"""`python -m gateway.cli`: the command line where no console script is installed."""

from gateway.cli import main

main()
