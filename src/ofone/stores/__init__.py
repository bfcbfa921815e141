"""Where everything is kept: memory for tests, SQLite for one process and one file."""
