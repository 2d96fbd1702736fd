"""Pure: no I/O, clock, git, sqlite, network, click or flask. See README.md beside this file."""
