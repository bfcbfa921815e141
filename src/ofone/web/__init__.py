"""Pages: the tracker, the questions, the demo of two journeys, the local mailbox, a staff view."""
