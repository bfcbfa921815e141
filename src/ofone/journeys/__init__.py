"""Playbooks, and ``advance``: what a company writes, and the pure function that lives it."""
