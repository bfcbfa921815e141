"""The only place with time, chance and order: load, advance, commit, dispatch; the ports."""
