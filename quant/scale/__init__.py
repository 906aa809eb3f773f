"""Builds whose symbols are shared out among tasks: each runs the models' own SQL on its shard, an engine runs the tasks."""
