CREATE TABLE orders (id integer PRIMARY KEY, customer text NOT NULL, promised integer NOT NULL);
CREATE TABLE shipments (order_id integer NOT NULL, day integer NOT NULL);

INSERT INTO orders VALUES (1, 'ada', 10), (2, 'ada', 12), (3, 'bob', 12), (4, 'bob', 30), (5, 'cyd', 15), (6, 'cyd', 20);
INSERT INTO shipments VALUES (1, 8), (1, 10), (2, 11), (2, 13), (3, 14), (6, 19);

CREATE VIEW late AS
SELECT id, customer
FROM orders
LEFT JOIN shipments ON order_id = id
GROUP BY id, customer, promised
HAVING coalesce(max(day), 20) > promised;

CREATE VIEW worst AS
SELECT orders.customer, 100 * count(late.id) / count(*) AS share
FROM orders
LEFT JOIN late ON late.id = orders.id
GROUP BY orders.customer;

SELECT * FROM late;
