"""Pages: the tracker, the demo of two journeys, the local mailbox, and a staff view. Read only."""
