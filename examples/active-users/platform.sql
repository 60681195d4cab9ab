CREATE TABLE mindtickle_users (
  user_id serial PRIMARY KEY,
  user_name varchar(100) NOT NULL,
  active_status varchar(20) NOT NULL
);

INSERT INTO mindtickle_users (user_name, active_status) VALUES
  ('Ada', 'active'),
  ('Bob', 'inactive'),
  ('Cy, the "quick" one', 'active'),
  ('Ada', 'active'),
  ('Dee', 'active');
