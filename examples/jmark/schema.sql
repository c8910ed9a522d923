-- The company's own store. What it holds for its customers is in hosted.sql.

CREATE TABLE contacts (
  id INTEGER PRIMARY KEY,
  name TEXT,
  email TEXT,
  email_verified INTEGER NOT NULL,
  phone TEXT,
  origin TEXT,
  company TEXT,
  job_title TEXT,
  country TEXT,
  ip TEXT,
  kind TEXT NOT NULL,
  marketing TEXT NOT NULL,
  opted_out_at TEXT,
  noncustomer_since TEXT,
  last_contact_at TEXT NOT NULL,
  no_marketing BOOLEAN,
  no_advertising BOOLEAN,
  no_analytics BOOLEAN,
  added_at TEXT NOT NULL
);

CREATE TABLE list_entries (
  id INTEGER PRIMARY KEY,
  contact_id INTEGER NOT NULL REFERENCES contacts(id),
  seller TEXT,
  list_name TEXT,
  permitted_use TEXT,
  bought_at TEXT NOT NULL
);

CREATE TABLE mail_list (
  id INTEGER PRIMARY KEY,
  contact_id INTEGER NOT NULL REFERENCES contacts(id),
  list_name TEXT,
  joined_at TEXT NOT NULL
);

CREATE TABLE lead_scores (
  id INTEGER PRIMARY KEY,
  contact_id INTEGER NOT NULL REFERENCES contacts(id),
  score INTEGER,
  reason TEXT,
  scored_at TEXT NOT NULL
);

CREATE TABLE segments (
  id INTEGER PRIMARY KEY,
  contact_id INTEGER NOT NULL REFERENCES contacts(id),
  platform TEXT,
  segment TEXT,
  score INTEGER,
  computed_at TEXT NOT NULL
);

CREATE TABLE audiences (
  id INTEGER PRIMARY KEY,
  email TEXT,
  platform TEXT,
  uploaded_at TEXT NOT NULL
);

CREATE TABLE page_events (
  id INTEGER PRIMARY KEY,
  contact_id INTEGER REFERENCES contacts(id),
  ip TEXT,
  agent TEXT,
  path TEXT,
  referrer TEXT,
  seen_at TEXT NOT NULL
);

CREATE TABLE tickets (
  id INTEGER PRIMARY KEY,
  customer TEXT NOT NULL,
  contact_id INTEGER REFERENCES contacts(id),
  colleague_id INTEGER REFERENCES contacts(id),
  colleague_name TEXT,
  subject TEXT,
  body TEXT,
  access_note TEXT,
  status TEXT NOT NULL,
  opened_at TEXT NOT NULL
);

CREATE TABLE calls (
  id INTEGER PRIMARY KEY,
  contact_id INTEGER NOT NULL REFERENCES contacts(id),
  caller_number TEXT,
  recording TEXT,
  transcript TEXT,
  seconds INTEGER NOT NULL,
  called_at TEXT NOT NULL
);

CREATE TABLE messages (
  id INTEGER PRIMARY KEY,
  contact_id INTEGER NOT NULL REFERENCES contacts(id),
  channel TEXT NOT NULL,
  subject TEXT,
  body TEXT,
  sent_at TEXT NOT NULL
);

CREATE TABLE disclosures (
  id INTEGER PRIMARY KEY,
  contact_id INTEGER NOT NULL REFERENCES contacts(id),
  recipient TEXT,
  given TEXT,
  ground TEXT,
  given_at TEXT NOT NULL
);

CREATE TABLE logins (
  id INTEGER PRIMARY KEY,
  contact_id INTEGER NOT NULL REFERENCES contacts(id),
  username TEXT,
  password_hash TEXT,
  made_at TEXT NOT NULL
);

CREATE TABLE invoices (
  id INTEGER PRIMARY KEY,
  contact_id INTEGER NOT NULL REFERENCES contacts(id),
  number TEXT NOT NULL,
  amount_cents INTEGER NOT NULL,
  currency TEXT NOT NULL,
  billed_to TEXT,
  card_last4 TEXT,
  bank_account TEXT,
  issued_at TEXT NOT NULL
);

CREATE TABLE registrations (
  id INTEGER PRIMARY KEY,
  contact_id INTEGER NOT NULL REFERENCES contacts(id),
  event TEXT,
  organiser TEXT,
  registered_at TEXT NOT NULL
);

CREATE TABLE posts (
  id INTEGER PRIMARY KEY,
  contact_id INTEGER NOT NULL REFERENCES contacts(id),
  kind TEXT NOT NULL,
  body TEXT,
  shown INTEGER NOT NULL,
  consent_at TEXT,
  posted_at TEXT NOT NULL
);

CREATE TABLE products (id INTEGER PRIMARY KEY, name TEXT NOT NULL);

CREATE INDEX contacts_email ON contacts (email);
CREATE INDEX contacts_ip ON contacts (ip);
CREATE INDEX page_events_ip ON page_events (ip);
CREATE INDEX audiences_email ON audiences (email);
CREATE INDEX list_entries_contact ON list_entries (contact_id);
CREATE INDEX mail_list_contact ON mail_list (contact_id);
CREATE INDEX lead_scores_contact ON lead_scores (contact_id);
CREATE INDEX segments_contact ON segments (contact_id);
CREATE INDEX page_events_contact ON page_events (contact_id);
CREATE INDEX tickets_contact ON tickets (contact_id);
CREATE INDEX tickets_colleague ON tickets (colleague_id);
CREATE INDEX calls_contact ON calls (contact_id);
CREATE INDEX messages_contact ON messages (contact_id);
CREATE INDEX disclosures_contact ON disclosures (contact_id);
CREATE INDEX logins_contact ON logins (contact_id);
CREATE INDEX invoices_contact ON invoices (contact_id);
CREATE INDEX registrations_contact ON registrations (contact_id);
CREATE INDEX posts_contact ON posts (contact_id);
