/**
 * The tables that every SQL program starts with, small enough to check a result by eye. Plain
 * enough for SQLite and PostgreSQL alike.
 */
export const SAMPLE_SCHEMA = `
CREATE TABLE departments (id INTEGER PRIMARY KEY, name TEXT NOT NULL, city TEXT NOT NULL);
CREATE TABLE employees (id INTEGER PRIMARY KEY, name TEXT NOT NULL, department_id INTEGER REFERENCES departments (id),
  manager_id INTEGER REFERENCES employees (id), salary INTEGER NOT NULL, hired DATE NOT NULL);
CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, country TEXT NOT NULL);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id), placed DATE NOT NULL,
  status TEXT NOT NULL);
CREATE TABLE order_items (order_id INTEGER NOT NULL REFERENCES orders (id), product TEXT NOT NULL,
  quantity INTEGER NOT NULL, price NUMERIC NOT NULL, PRIMARY KEY (order_id, product));
INSERT INTO departments VALUES (1, 'Engineering', 'Berlin'), (2, 'Sales', 'Paris'), (3, 'Support', 'Lisbon'),
  (4, 'Research', 'Berlin');
INSERT INTO employees VALUES (1, 'Ada', 1, NULL, 9800, '2018-03-01'), (2, 'Grace', 1, 1, 8700, '2019-07-15'),
  (3, 'Linus', 1, 1, 7900, '2021-01-10'), (4, 'Margaret', 2, NULL, 8200, '2017-11-20'), (5, 'Ken', 2, 4, 6100, '2022-05-02'),
  (6, 'Barbara', 3, 4, 5400, '2020-09-30'), (7, 'Edsger', NULL, 1, 6600, '2023-02-14');
INSERT INTO customers VALUES (1, 'Acme', 'DE'), (2, 'Globex', 'FR'), (3, 'Initech', 'US'), (4, 'Umbrella', 'GB');
INSERT INTO orders VALUES (1, 1, '2026-01-05', 'shipped'), (2, 1, '2026-02-11', 'shipped'), (3, 2, '2026-02-20', 'open'),
  (4, 3, '2026-03-02', 'cancelled'), (5, 2, '2026-03-15', 'open');
INSERT INTO order_items VALUES (1, 'keyboard', 2, 79.90), (1, 'mouse', 2, 24.50), (2, 'monitor', 1, 329.00),
  (3, 'keyboard', 10, 71.00), (3, 'dock', 10, 149.00), (4, 'monitor', 3, 310.00), (5, 'mouse', 25, 19.90);
`;
