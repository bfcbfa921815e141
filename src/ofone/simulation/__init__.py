"""Rehearsing with synthetic customers, whose needs are known because they are made up."""
