"""The port ``Channel`` carried out, one file for each way a message travels."""
