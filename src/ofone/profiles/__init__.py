"""The fold of what is known about a customer: traits, consents, stated preferences."""
