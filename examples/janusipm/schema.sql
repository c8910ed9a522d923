-- The store of the example. generate.py fills in the types: {key}, {int}, {flag}, {stamp}.

CREATE TABLE accounts (
  id {key},
  username TEXT NOT NULL UNIQUE,
  email TEXT NOT NULL UNIQUE,
  email_verified {flag} NOT NULL,
  phone TEXT,
  password_hash TEXT,
  country TEXT,
  status TEXT NOT NULL,
  created_at {stamp} NOT NULL,
  closed_at {stamp}
);

CREATE TABLE profiles (
  account_id {int} PRIMARY KEY REFERENCES accounts(id),
  first_name TEXT NOT NULL,
  last_name TEXT NOT NULL,
  time_zone TEXT,
  updated_at {stamp} NOT NULL
);

CREATE TABLE payments (
  id {key},
  account_id {int} NOT NULL REFERENCES accounts(id),
  invoice_no TEXT NOT NULL UNIQUE,
  amount_cents {int} NOT NULL,
  currency TEXT NOT NULL,
  paid_at {stamp} NOT NULL,
  billing_name TEXT,
  card_last4 TEXT
);

CREATE TABLE messages (
  id {key},
  account_id {int} NOT NULL REFERENCES accounts(id),
  direction TEXT NOT NULL,
  subject TEXT NOT NULL,
  body TEXT NOT NULL,
  sent_at {stamp} NOT NULL
);

-- Two customers about one filing: the row is both people's.
CREATE TABLE exchanges (
  id {key},
  from_account {int} REFERENCES accounts(id),
  to_account {int} REFERENCES accounts(id),
  body TEXT,
  sent_at {stamp} NOT NULL
);

CREATE TABLE calls (
  id {key},
  account_id {int} NOT NULL REFERENCES accounts(id),
  caller_number TEXT,
  notes TEXT,
  seconds {int} NOT NULL,
  called_at {stamp} NOT NULL
);

CREATE TABLE logins (
  id {key},
  account_id {int} NOT NULL REFERENCES accounts(id),
  ip TEXT,
  logged_in_at {stamp} NOT NULL
);

CREATE TABLE page_views (
  id {key},
  account_id {int} REFERENCES accounts(id),
  visitor_id TEXT,
  path TEXT,
  referrer TEXT,
  ip TEXT,
  user_agent TEXT,
  viewed_at {stamp} NOT NULL
);

CREATE TABLE preferences (
  account_id {int} PRIMARY KEY REFERENCES accounts(id),
  own_marketing {flag},
  partner_marketing {flag},
  topics TEXT,
  status TEXT NOT NULL,
  opted_out_at {stamp}
);

CREATE TABLE cookies (
  id {key},
  account_id {int} REFERENCES accounts(id),
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  value TEXT,
  set_at {stamp} NOT NULL,
  expires_at {stamp} NOT NULL
);

CREATE TABLE products (
  id {key},
  name TEXT NOT NULL,
  price_cents {int} NOT NULL
);

CREATE TABLE settings (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
);

CREATE INDEX payments_account ON payments (account_id);
CREATE INDEX messages_account ON messages (account_id);
CREATE INDEX exchanges_from ON exchanges (from_account);
CREATE INDEX exchanges_to ON exchanges (to_account);
CREATE INDEX calls_account ON calls (account_id);
CREATE INDEX logins_account ON logins (account_id);
CREATE INDEX page_views_account ON page_views (account_id);
CREATE INDEX page_views_viewed ON page_views (viewed_at);
CREATE INDEX cookies_account ON cookies (account_id);
