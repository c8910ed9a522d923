-- The store of the example.

CREATE TABLE tenants (
  id INTEGER PRIMARY KEY,
  name TEXT,
  email TEXT,
  email_verified INTEGER NOT NULL,
  phone TEXT,
  address TEXT,
  country TEXT,
  status TEXT NOT NULL,
  left_at TEXT,
  no_promotion BOOLEAN,
  no_ads BOOLEAN
);

CREATE TABLE contracts (
  id INTEGER PRIMARY KEY,
  tenant_id INTEGER NOT NULL REFERENCES tenants(id),
  unit TEXT,
  governing_law TEXT,
  note TEXT,
  status TEXT NOT NULL,
  began_at TEXT NOT NULL,
  ended_at TEXT
);

CREATE TABLE invoices (
  id INTEGER PRIMARY KEY,
  contract_id INTEGER NOT NULL REFERENCES contracts(id),
  number TEXT,
  amount_pence INTEGER NOT NULL,
  billed_to TEXT,
  bank TEXT,
  card_last4 TEXT,
  issued_at TEXT NOT NULL
);

CREATE TABLE permitted_users (
  id INTEGER PRIMARY KEY,
  tenant_id INTEGER REFERENCES tenants(id),
  name TEXT,
  email TEXT,
  invited_at TEXT NOT NULL
);

CREATE TABLE partner_contacts (
  id INTEGER PRIMARY KEY,
  name TEXT,
  email TEXT,
  organisation TEXT,
  position TEXT,
  added_at TEXT NOT NULL
);

CREATE TABLE access_events (
  id INTEGER PRIMARY KEY,
  tenant_id INTEGER REFERENCES tenants(id),
  guest_id INTEGER REFERENCES permitted_users(id),
  door TEXT,
  method TEXT,
  opened_at TEXT NOT NULL
);

CREATE TABLE positions (
  id INTEGER PRIMARY KEY,
  tenant_id INTEGER NOT NULL REFERENCES tenants(id),
  latitude REAL,
  longitude REAL,
  at TEXT NOT NULL
);

CREATE TABLE images (
  id INTEGER PRIMARY KEY,
  tenant_id INTEGER NOT NULL REFERENCES tenants(id),
  file TEXT,
  origin TEXT,
  taken_at TEXT NOT NULL
);

CREATE TABLE messages (
  id INTEGER PRIMARY KEY,
  tenant_id INTEGER NOT NULL REFERENCES tenants(id),
  subject TEXT,
  body TEXT,
  sent_at TEXT NOT NULL
);

CREATE TABLE devices (
  id INTEGER PRIMARY KEY,
  tenant_id INTEGER NOT NULL REFERENCES tenants(id),
  model TEXT,
  system TEXT,
  ip TEXT,
  password_hash TEXT,
  seen_at TEXT NOT NULL
);

CREATE TABLE app_usage (
  id INTEGER PRIMARY KEY,
  tenant_id INTEGER NOT NULL REFERENCES tenants(id),
  page TEXT,
  seconds INTEGER,
  at TEXT NOT NULL
);

CREATE TABLE news (
  id INTEGER PRIMARY KEY,
  tenant_id INTEGER NOT NULL REFERENCES tenants(id),
  topics TEXT,
  campaign TEXT,
  chosen_at TEXT NOT NULL
);

CREATE TABLE identity_papers (
  id INTEGER PRIMARY KEY,
  tenant_id INTEGER NOT NULL REFERENCES tenants(id),
  kind TEXT,
  file TEXT,
  state TEXT NOT NULL,
  received_at TEXT NOT NULL,
  confirmed_at TEXT
);

CREATE TABLE uses (
  id INTEGER PRIMARY KEY,
  tenant_id INTEGER NOT NULL REFERENCES tenants(id),
  what TEXT,
  purpose TEXT,
  recipient TEXT,
  done_at TEXT NOT NULL
);

CREATE TABLE facilities (id INTEGER PRIMARY KEY, name TEXT NOT NULL, country TEXT NOT NULL);

CREATE INDEX tenants_email ON tenants (email);
CREATE INDEX contracts_tenant ON contracts (tenant_id);
CREATE INDEX invoices_contract ON invoices (contract_id);
CREATE INDEX permitted_users_tenant ON permitted_users (tenant_id);
CREATE INDEX access_events_tenant ON access_events (tenant_id);
CREATE INDEX access_events_guest ON access_events (guest_id);
CREATE INDEX positions_tenant ON positions (tenant_id);
CREATE INDEX images_tenant ON images (tenant_id);
CREATE INDEX messages_tenant ON messages (tenant_id);
CREATE INDEX devices_tenant ON devices (tenant_id);
CREATE INDEX app_usage_tenant ON app_usage (tenant_id);
CREATE INDEX news_tenant ON news (tenant_id);
CREATE INDEX identity_papers_tenant ON identity_papers (tenant_id);
CREATE INDEX uses_tenant ON uses (tenant_id);
