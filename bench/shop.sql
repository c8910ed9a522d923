-- A shop: 100,000 customers and 3.6 million rows about them.
SELECT setseed(0.42);
CREATE TABLE customers (id bigint PRIMARY KEY, email text UNIQUE, first_name text, last_name text, phone text,
  date_of_birth date, country text, marketing_opt_in boolean, created_at timestamptz NOT NULL, notes text);
CREATE TABLE addresses (id bigserial PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers (id), kind text,
  line1 text, line2 text, city text, postcode text, country text);
CREATE TABLE orders (id bigserial PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers (id),
  shipping_address_id bigint REFERENCES addresses (id), status text, total_cents int, currency text,
  gift_message text, placed_at timestamptz);
CREATE TABLE order_items (id bigserial PRIMARY KEY, order_id bigint NOT NULL REFERENCES orders (id), sku text,
  description text, quantity int, price_cents int, engraving text);
CREATE TABLE payments (id bigserial PRIMARY KEY, order_id bigint NOT NULL REFERENCES orders (id), amount_cents int,
  card_brand text, card_last4 text, billing_name text, billing_postcode text, paid_at timestamptz);
CREATE TABLE support_tickets (id bigserial PRIMARY KEY, customer_id bigint REFERENCES customers (id), email text,
  subject text, body text, ip inet, created_at timestamptz);
CREATE TABLE newsletter_subscriptions (id bigserial PRIMARY KEY, email text, ip inet, source text,
  subscribed_at timestamptz);
CREATE TABLE logins (id bigserial PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers (id), ip inet,
  user_agent text, at timestamptz);
INSERT INTO customers SELECT g, 'user' || g || '@example.com', 'First' || g % 997, 'Last' || g % 7919,
  '+44' || lpad((g * 7 % 1000000000)::text, 10, '0'), date '1950-01-01' + (g * 37 % 20000),
  (array['DE','FR','GB','US','NL','ES'])[1 + g % 6], g % 3 = 0, timestamptz '2018-01-01Z' + g * 13 % 3000 * interval '1 day',
  CASE WHEN g % 10 = 0 THEN 'VIP customer, prefers calls to ' || g END FROM generate_series(1, 100000) g;
INSERT INTO addresses (customer_id, kind, line1, city, postcode, country) SELECT c.id, (array['home','work'])[n],
  n || ' Street ' || c.id % 500, 'City' || c.id % 200, lpad((c.id % 99999)::text, 5, '0'), c.country
  FROM customers c, generate_series(1, 2) n WHERE n = 1 OR c.id % 2 = 0;
INSERT INTO orders (customer_id, shipping_address_id, status, total_cents, currency, gift_message, placed_at)
  SELECT c.id, a.id, (array['paid','shipped','refunded'])[1 + (c.id + n) % 3], 1000 + c.id * n % 20000, 'EUR',
  CASE WHEN (c.id + n) % 8 = 0 THEN 'Happy birthday ' || c.first_name END, c.created_at + n * interval '30 day'
  FROM customers c JOIN (SELECT customer_id, min(id) AS id FROM addresses GROUP BY 1) a ON a.customer_id = c.id,
  generate_series(1, 9) n WHERE n <= 1 + c.id % 9;
INSERT INTO order_items (order_id, sku, description, quantity, price_cents, engraving) SELECT o.id,
  'SKU' || o.id * n % 5000, 'Item ' || o.id * n % 5000, 1 + n % 3, 500 + o.id % 3000,
  CASE WHEN (o.id + n) % 20 = 0 THEN 'For ' || o.customer_id END
  FROM orders o, generate_series(1, 4) n WHERE n <= 1 + o.id % 4;
INSERT INTO payments (order_id, amount_cents, card_brand, card_last4, billing_name, billing_postcode, paid_at)
  SELECT o.id, o.total_cents, (array['visa','mc','amex'])[1 + o.id % 3], lpad((o.id % 10000)::text, 4, '0'),
  c.first_name || ' ' || c.last_name, lpad((c.id % 99999)::text, 5, '0'), o.placed_at
  FROM orders o JOIN customers c ON c.id = o.customer_id;
INSERT INTO support_tickets (customer_id, email, subject, body, ip, created_at) SELECT c.id, c.email, 'Question ' || n,
  'Hello, my name is ' || c.first_name || ' ' || c.last_name || ' and my phone is ' || c.phone,
  ('10.' || c.id / 65536 % 256 || '.' || c.id / 256 % 256 || '.' || c.id % 256)::inet, c.created_at + n * interval '9 day'
  FROM customers c, generate_series(1, 2) n WHERE n <= c.id % 3;
INSERT INTO newsletter_subscriptions (email, ip, source, subscribed_at) SELECT c.email,
  ('10.1.' || c.id / 256 % 256 || '.' || c.id % 256)::inet, 'checkout', c.created_at FROM customers c WHERE c.id % 5 < 3;
INSERT INTO logins (customer_id, ip, user_agent, at) SELECT c.id,
  ('10.2.' || c.id / 256 % 256 || '.' || c.id % 256)::inet, 'Mozilla/5.0 (X11; Linux x86_64) Firefox/' || 100 + n,
  c.created_at + n * interval '11 day' FROM customers c, generate_series(1, 19) n WHERE n <= 1 + c.id % 19;
CREATE INDEX ON addresses (customer_id);
CREATE INDEX ON orders (customer_id);
CREATE INDEX ON order_items (order_id);
CREATE INDEX ON payments (order_id);
CREATE INDEX ON support_tickets (customer_id);
CREATE INDEX ON support_tickets (email);
CREATE INDEX ON newsletter_subscriptions (email);
"""
