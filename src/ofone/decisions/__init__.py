"""Guards remove options, a policy gives the rest probabilities, and one is drawn."""
