"""Evidence becomes an assessment: what this person seems to need, how sure that is, and why."""
