"""An example of what POST /sql is sent."""

EXAMPLE = """
select symbol, max(close) as high from serving.final_bars where interval = '1d' group by symbol order by symbol
""".strip()
