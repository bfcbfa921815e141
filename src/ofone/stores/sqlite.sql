-- One file holds everything: the log with its decisions, the states, the outbox, the dead letters.
-- Customers have small numbers, so that rows of those who are active lie close together.

CREATE TABLE IF NOT EXISTS customers (
    pk      INTEGER PRIMARY KEY,
    id      TEXT NOT NULL UNIQUE,
    version INTEGER NOT NULL,
    due     INTEGER,
    last    INTEGER NOT NULL,
    body    BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS customers_due ON customers (due) WHERE due IS NOT NULL;

-- Inputs, in the order in which they were taken, and what each decided; never rewritten. A
-- customer's are a chain: the state names the last one, each names the one before it. An index
-- would be written in as many places as there are customers.
CREATE TABLE IF NOT EXISTS log (
    seq       INTEGER PRIMARY KEY,
    customer  INTEGER NOT NULL,
    before    INTEGER NOT NULL,
    now       INTEGER NOT NULL,
    facts     INTEGER NOT NULL,
    body      BLOB NOT NULL,
    decisions BLOB
);

-- Digests of event ids that a customer's state has no room for any more, so that an old repeat is
-- still known as one. Most customers have none.
CREATE TABLE IF NOT EXISTS forgotten (
    customer INTEGER NOT NULL, digest INTEGER NOT NULL, PRIMARY KEY (customer, digest)
) WITHOUT ROWID;

-- Which customers a helper has to do with.
CREATE TABLE IF NOT EXISTS helped (
    helper TEXT NOT NULL, customer INTEGER NOT NULL, PRIMARY KEY (helper, customer)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS outbox (
    seq        INTEGER PRIMARY KEY,
    customer   INTEGER NOT NULL,
    key        TEXT NOT NULL,
    at         INTEGER NOT NULL,
    body       BLOB NOT NULL,
    status     TEXT NOT NULL,
    next_at    INTEGER,
    attempts   INTEGER NOT NULL,
    message    BLOB,
    detail     TEXT NOT NULL,
    attempting INTEGER NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS outbox_key ON outbox (customer, key);
CREATE INDEX IF NOT EXISTS outbox_next ON outbox (next_at) WHERE next_at IS NOT NULL;

CREATE TABLE IF NOT EXISTS dead_letters (
    number   INTEGER PRIMARY KEY,
    digest   BLOB NOT NULL UNIQUE,
    at       INTEGER NOT NULL,
    kind     TEXT NOT NULL,
    origin   TEXT NOT NULL,
    reason   TEXT NOT NULL,
    raw      BLOB NOT NULL,
    customer TEXT NOT NULL,
    status   TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS counts (name TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS positions (
    source TEXT PRIMARY KEY, count INTEGER NOT NULL, finished INTEGER NOT NULL
) WITHOUT ROWID;
-- What was in force, in the order in which it came into force; the last one still is.
CREATE TABLE IF NOT EXISTS facts (number INTEGER PRIMARY KEY, text TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS playbooks (
    seq INTEGER PRIMARY KEY, name TEXT NOT NULL, version TEXT NOT NULL, body BLOB NOT NULL,
    UNIQUE (name, version)
);
CREATE TABLE IF NOT EXISTS links (
    token TEXT PRIMARY KEY, customer TEXT NOT NULL, journey INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;

-- Who was erased: nothing but what a repeat is known by. ``told``: messages still to be wiped
-- elsewhere, NULL once all is done.
CREATE TABLE IF NOT EXISTS tombstones (
    mark    BLOB PRIMARY KEY,
    at      INTEGER NOT NULL,
    version INTEGER NOT NULL,
    told    TEXT
) WITHOUT ROWID;
