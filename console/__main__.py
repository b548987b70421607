"""`python -m console`: the same as `denwaban`."""

from console.main import main

main()
