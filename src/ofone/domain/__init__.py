"""The nouns: frozen types, keys and errors. Nothing happens here."""
