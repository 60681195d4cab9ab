CREATE TABLE lesson_completion (
  completion_id int AUTO_INCREMENT PRIMARY KEY,
  user_id int NOT NULL,
  lesson_id int NOT NULL,
  completion_date date NOT NULL
);

-- Days back from 2026-03-01, for which the example asks.
INSERT INTO lesson_completion (user_id, lesson_id, completion_date) VALUES
  (1, 101, '2026-03-01'),
  (1, 102, '2026-03-01'),
  (1, 103, '2026-02-14'),
  (1, 104, '2026-01-30'), -- 31 days ago: outside
  (2, 101, '2026-02-20'), -- inactive
  (3, 101, '2026-02-28'),
  (4, 101, '2026-01-31'),
  (9, 101, '2026-02-02'); -- nobody whom the platform knows
