-- The stores of the example, in SQLite: what runs the site, and the records of the office.

-- app
CREATE TABLE accounts (
  id INTEGER PRIMARY KEY,
  email TEXT NOT NULL UNIQUE,
  email_verified INTEGER NOT NULL,
  name TEXT,
  language TEXT,
  country TEXT,
  status TEXT NOT NULL, -- open, left, closed
  closed_because TEXT, -- of those Smartjac closed
  joined_at TEXT NOT NULL,
  closed_at TEXT
);
CREATE TABLE mail_choices ( -- no row means no
  account_id INTEGER PRIMARY KEY REFERENCES accounts(id),
  ticked INTEGER NOT NULL,
  wording TEXT, -- the version of the text beside the box
  ticked_at TEXT,
  unsubscribed_at TEXT
);
CREATE TABLE product_uses (
  id INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL REFERENCES accounts(id),
  product TEXT,
  used_at TEXT NOT NULL
);
CREATE TABLE visits (
  id INTEGER PRIMARY KEY,
  account_id INTEGER REFERENCES accounts(id),
  ip TEXT,
  page TEXT,
  hardware TEXT,
  browser TEXT,
  cookie TEXT,
  seen_at TEXT NOT NULL
);
CREATE TABLE documents (
  id INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL REFERENCES accounts(id),
  title TEXT,
  body TEXT,
  saved_at TEXT NOT NULL
);
CREATE INDEX product_uses_account ON product_uses (account_id);
CREATE INDEX visits_account ON visits (account_id);
CREATE INDEX documents_account ON documents (account_id);

-- office
CREATE TABLE customers ( -- who bought, and who asked for a price; not all of them have an account
  id INTEGER PRIMARY KEY,
  email TEXT NOT NULL,
  email_verified INTEGER NOT NULL,
  name TEXT,
  company TEXT,
  asked_at TEXT NOT NULL
);
CREATE TABLE quotations (
  id INTEGER PRIMARY KEY,
  customer_id INTEGER NOT NULL REFERENCES customers(id),
  wish TEXT,
  amount_cents INTEGER NOT NULL,
  made_at TEXT NOT NULL
);
CREATE TABLE invoices ( -- the payment service knows the card; here is what it gave back
  id INTEGER PRIMARY KEY,
  customer_id INTEGER NOT NULL REFERENCES customers(id),
  number TEXT NOT NULL UNIQUE,
  bill_to TEXT,
  amount_cents INTEGER NOT NULL,
  paid_with TEXT,
  made_at TEXT NOT NULL
);
CREATE INDEX quotations_customer ON quotations (customer_id);
CREATE INDEX invoices_customer ON invoices (customer_id);
