"""Journey of One: every customer gets a journey of their own, and you can prove why.

Floors, high to low. A package imports only from floors below it; packages on one floor do not
see each other. ``pyproject.toml`` enforces it, ``tests/test_house.py`` keeps the three equal.

=====================================  =========================================================
floor                                  what lives there
=====================================  =========================================================
cli                                    the commands
benchmarks                             measuring
app                                    the one file that wires everything
web                                    the doors: intake, demo, mailbox, tracker
analytics, simulation                  looking back; rehearsing with synthetic customers
stores, channels, sources, readers     ports carried out: SQLite; e-mail, mailbox; files; words
runtime                                the only place with time, chance and order; the ports
journeys                               playbooks and ``advance``
decisions                              guards, options, choice
conversations                          what is said: templates, and the helper's projection
needs                                  evidence becomes an assessment
profiles                               the fold of what is known about a customer
domain                                 the nouns: frozen types, keys, errors
=====================================  =========================================================
"""

__version__ = "0.1.0"
