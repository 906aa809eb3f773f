"""`POST /sql`: what a stranger's query may say, and where it runs.

The text is read by sqlglot (guard), its rendering again by DuckDB (tree), over a database of public relations alone
(public_database), in a process that can reach nothing else (sandbox, child, walls).
"""
