-- Every run of every report of Daybook, a row each.
--
-- Daybook makes this table itself where it may. Where it may not, run this file, and then, for the user that it connects
-- as:  GRANT SELECT, INSERT, UPDATE ON reports_generated TO daybook;

CREATE TABLE IF NOT EXISTS reports_generated (
  id          uuid PRIMARY KEY,      -- later runs have greater ones
  report      text NOT NULL,
  parameters  json NOT NULL,
  as_of       date NOT NULL,         -- the date it was asked for
  due         timestamptz,           -- when, if a schedule asked for it
  started     timestamptz NOT NULL,
  finished    timestamptz,
  state       text NOT NULL,         -- running, done, unchanged, failed or missed
  rows        bigint,
  size_bytes  bigint,
  sha256      text,                  -- of the file, in hex
  destination text,                  -- where it was written to
  key         text,
  draft       text,                  -- what is to be cleared away there if the run never ends
  error       text,
  version     text NOT NULL,         -- of Daybook
  inputs      json NOT NULL,         -- what was read: name, rows and SHA-256 of each
  notes       json NOT NULL
);
