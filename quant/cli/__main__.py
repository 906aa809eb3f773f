"""`python -m quant.cli`: the same as `quant`."""

from quant.cli import main

main()
