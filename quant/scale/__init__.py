"""Builds whose symbols are shared out: each task runs the models' own SQL on its shard, an engine runs the tasks."""
