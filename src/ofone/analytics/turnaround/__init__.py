"""How long steps take: estimated from stays that ended and those that did not, and held to account.

A *stay* is one time that somebody was in a step. A *curve* says by when which share of them is
done: its days at ``PROBS``. Everything is built from one act, ``pooled``: Kaplan and Meier's
estimate of the stays at hand, with a wider curve counted as a few stays more. That is how the
playbook's figures give way to data, an index to its step, a segment to the one around it, and a
recalibration to none.
"""
