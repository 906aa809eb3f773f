"""Lists what can be measured."""

print("""Run one of:
  .venv/bin/python -m bench.api         what the API carries, and what an answer costs beyond its bare SQL
  .venv/bin/python -m bench.clients     real client libraries against the stand-in
  .venv/bin/python -m bench.dashboard   what a page, a refresh and ten viewers cost: server, wire, browser
  .venv/bin/python -m bench.freshness   trade leaves the stand-in -> the API shows it
  .venv/bin/python -m bench.ingest      throughput of the recorder beside its peers, and its memory
  .venv/bin/python -m bench.metrics     sixty indicators of 500 symbols beside TA-Lib, polars, pandas and others
  .venv/bin/python -m bench.options     option kernels and functions beside py_vollib_vectorized, QuantLib and others
  .venv/bin/python -m bench.readers     eight readers over forced publishes and compactions
  .venv/bin/python -m bench.soak        half of that for half an hour, with publishes, a slow query and slow clients
  .venv/bin/python -m bench.startup     `quant up --demo` on an empty data folder -> healthy""")
