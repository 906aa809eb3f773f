"""Programs of others, run as they come: by `python -m bench.peers.NAME`, the libraries' own by .venv-bench."""
