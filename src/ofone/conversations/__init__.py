"""What is said: the company's templates become messages, and helpers see only their projection."""
