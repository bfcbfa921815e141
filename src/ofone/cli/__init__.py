"""The commands: each one thin, over ``app``."""
