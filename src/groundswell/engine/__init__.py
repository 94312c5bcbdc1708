"""How it runs: build, run, ensembles and the results store."""
