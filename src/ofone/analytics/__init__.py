"""Looking back over what happened: read only, and over data of any size that fits in memory."""
