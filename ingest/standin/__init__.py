"""A local market that speaks Binance's and Yahoo's protocols on one loopback port.

Demo and tests run on it. Its prices come from a seeded model: every start tells the same past, and the
wall clock alone decides how much of it has happened.
"""
