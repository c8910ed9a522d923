-- The stores of the example, in SQLite. `held_for` names who answers for a row: janco, or an organisation.

-- app
CREATE TABLE domains ( -- by these lists accounts are classed; a domain in neither is a private one
  name TEXT PRIMARY KEY,
  kind TEXT NOT NULL, -- customer or provider
  organisation TEXT NOT NULL
);
CREATE TABLE accounts (
  id INTEGER PRIMARY KEY,
  email TEXT NOT NULL UNIQUE,
  email_verified INTEGER NOT NULL,
  name TEXT,
  phone TEXT,
  password_hash TEXT,
  country TEXT,
  kind TEXT NOT NULL, -- personal, work-or-school, third-party
  held_for TEXT NOT NULL,
  created_at TEXT NOT NULL
);
CREATE TABLE devices (
  id INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL REFERENCES accounts(id),
  advertising_id TEXT,
  browser TEXT,
  ip TEXT,
  held_for TEXT NOT NULL,
  seen_at TEXT NOT NULL
);
CREATE TABLE activities (
  id INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL REFERENCES accounts(id),
  product TEXT NOT NULL,
  what TEXT,
  search TEXT,
  held_for TEXT NOT NULL,
  done_at TEXT NOT NULL
);
CREATE TABLE interests (
  id INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL REFERENCES accounts(id),
  topic TEXT,
  inferred INTEGER NOT NULL,
  held_for TEXT NOT NULL
);
CREATE TABLE address_book (
  id INTEGER PRIMARY KEY,
  account_id INTEGER REFERENCES accounts(id),
  name TEXT,
  email TEXT,
  held_for TEXT NOT NULL
);
CREATE TABLE choices (
  account_id INTEGER PRIMARY KEY REFERENCES accounts(id),
  by_email INTEGER,
  by_sms INTEGER,
  by_phone INTEGER,
  by_post INTEGER,
  interest_ads INTEGER,
  held_for TEXT NOT NULL
);
CREATE TABLE cards (
  id INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL REFERENCES accounts(id),
  brand TEXT,
  last4 TEXT,
  token TEXT,
  held_for TEXT NOT NULL
);
CREATE TABLE purchases ( -- who paid answers for it: a private purchase in an account at work is the person's
  id INTEGER PRIMARY KEY,
  account_id INTEGER REFERENCES accounts(id),
  product TEXT NOT NULL,
  amount_cents INTEGER NOT NULL,
  bill_to TEXT,
  held_for TEXT NOT NULL,
  paid_at TEXT NOT NULL
);
CREATE TABLE files (
  id INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL REFERENCES accounts(id),
  name TEXT,
  body TEXT,
  held_for TEXT NOT NULL
);
CREATE TABLE messages (
  id INTEGER PRIMARY KEY,
  from_account INTEGER REFERENCES accounts(id),
  to_account INTEGER REFERENCES accounts(id),
  body TEXT,
  held_for TEXT NOT NULL,
  sent_at TEXT NOT NULL
);
CREATE INDEX devices_account_id ON devices (account_id);
CREATE INDEX activities_account_id ON activities (account_id);
CREATE INDEX interests_account_id ON interests (account_id);
CREATE INDEX address_book_account_id ON address_book (account_id);
CREATE INDEX cards_account_id ON cards (account_id);
CREATE INDEX purchases_account_id ON purchases (account_id);
CREATE INDEX files_account_id ON files (account_id);
CREATE INDEX messages_from_account ON messages (from_account);
CREATE INDEX messages_to_account ON messages (to_account);

-- crm
CREATE TABLE leads (
  id INTEGER PRIMARY KEY,
  email TEXT NOT NULL,
  email_verified INTEGER NOT NULL,
  name TEXT,
  phone TEXT,
  organisation TEXT,
  bought_from TEXT, -- empty where the person asked
  noted_at TEXT NOT NULL
);
CREATE TABLE tickets (
  id INTEGER PRIMARY KEY,
  email TEXT,
  fault TEXT,
  crash_log TEXT,
  browser TEXT,
  opened_at TEXT NOT NULL
);
CREATE TABLE engagements (
  id INTEGER PRIMARY KEY,
  contact_name TEXT,
  contact_email TEXT,
  supplied TEXT, -- what the customer handed over
  held_for TEXT NOT NULL,
  begun_at TEXT NOT NULL
);
