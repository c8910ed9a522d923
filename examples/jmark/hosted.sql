-- What is held for customers: each row names the customer that decides about it.

CREATE TABLE people (
  id INTEGER PRIMARY KEY,
  customer TEXT NOT NULL,
  name TEXT,
  email TEXT,
  phone TEXT
);

CREATE TABLE records (
  id INTEGER PRIMARY KEY,
  person_id INTEGER NOT NULL REFERENCES people(id),
  customer TEXT NOT NULL,
  note TEXT,
  written_at TEXT NOT NULL
);

CREATE TABLE filter_log (
  id INTEGER PRIMARY KEY,
  person_id INTEGER REFERENCES people(id),
  customer TEXT NOT NULL,
  ip TEXT,
  url TEXT,
  seen_at TEXT NOT NULL
);

CREATE TABLE repair_copies (
  id INTEGER PRIMARY KEY,
  brought_by TEXT,
  device TEXT NOT NULL,
  content TEXT,
  state TEXT NOT NULL,
  performed_at TEXT
);

CREATE INDEX people_email ON people (email);
CREATE INDEX records_person ON records (person_id);
CREATE INDEX filter_log_person ON filter_log (person_id);
