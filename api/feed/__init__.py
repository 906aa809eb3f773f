"""Streams: one look for all clients of a series, events that say how far they got, clients within bounds."""
