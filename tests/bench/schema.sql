-- What a sensible person would write for the same work on PostgreSQL.
SET client_min_messages = warning;
DROP TABLE IF EXISTS event, dossier, counter, outbox CASCADE;
DROP FUNCTION IF EXISTS append_event, append_events;

CREATE TABLE event (
  revision bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  dossier bigint NOT NULL,
  kind smallint NOT NULL,
  record_time timestamptz NOT NULL DEFAULT now(),
  request_id uuid NOT NULL UNIQUE,
  payload bytea NOT NULL
);
CREATE INDEX event_by_dossier ON event (dossier, revision);

CREATE TABLE dossier (
  number bigint PRIMARY KEY,
  code text NOT NULL UNIQUE,
  state smallint NOT NULL,
  due_time timestamptz NOT NULL,
  revision bigint NOT NULL,
  folded bytea NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX dossier_by_due ON dossier (due_time) WHERE state < 9;

CREATE TABLE counter (
  office smallint NOT NULL,
  day date NOT NULL,
  kind smallint NOT NULL,
  count bigint NOT NULL,
  PRIMARY KEY (office, day, kind)
) WITH (fillfactor = 50);

CREATE TABLE outbox (revision bigint PRIMARY KEY, dossier bigint NOT NULL);

CREATE FUNCTION append_event(the_dossier bigint, the_kind smallint, the_request uuid, the_payload bytea, the_folded bytea)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE the_revision bigint;
BEGIN
  INSERT INTO event (dossier, kind, request_id, payload)
    VALUES (the_dossier, the_kind, the_request, the_payload) RETURNING revision INTO the_revision;
  IF the_kind = 0 THEN
    INSERT INTO dossier VALUES (the_dossier, 'H24.99.1-260821-' || the_dossier, 2, now() + interval '3 days', the_revision,
                                the_folded);
  ELSE
    UPDATE dossier SET state = 2 + the_kind, revision = the_revision, folded = the_folded WHERE number = the_dossier;
  END IF;
  -- Spread over what a city has of offices, so that clients rarely wait for one row.
  INSERT INTO counter VALUES ((the_dossier % 114)::smallint, current_date, the_kind, 1)
    ON CONFLICT (office, day, kind) DO UPDATE SET count = counter.count + 1;
  INSERT INTO outbox VALUES (the_revision, the_dossier);
  RETURN the_revision;
END $$;

-- Events of different dossiers, by sets.
CREATE FUNCTION append_events(dossiers bigint[], the_kind smallint, requests uuid[], the_payload bytea, the_folded bytea)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF the_kind = 0 THEN
    WITH inserted AS (
      INSERT INTO event (dossier, kind, request_id, payload)
        SELECT d, the_kind, r, the_payload FROM unnest(dossiers, requests) AS given(d, r) RETURNING revision, dossier),
    opened AS (
      INSERT INTO dossier
        SELECT dossier, 'H24.99.1-260821-' || dossier, 2, now() + interval '3 days', revision, the_folded FROM inserted),
    counted AS (
      INSERT INTO counter SELECT (dossier % 114)::smallint, current_date, the_kind, count(*) FROM inserted GROUP BY 1
        ON CONFLICT (office, day, kind) DO UPDATE SET count = counter.count + excluded.count)
    INSERT INTO outbox SELECT revision, dossier FROM inserted;
    RETURN;
  END IF;
  WITH inserted AS (
    INSERT INTO event (dossier, kind, request_id, payload)
      SELECT d, the_kind, r, the_payload FROM unnest(dossiers, requests) AS given(d, r) RETURNING revision, dossier),
  moved AS (
    UPDATE dossier SET state = 2 + the_kind, revision = inserted.revision, folded = the_folded
      FROM inserted WHERE number = inserted.dossier),
  counted AS (
    INSERT INTO counter SELECT (dossier % 114)::smallint, current_date, the_kind, count(*) FROM inserted GROUP BY 1
      ON CONFLICT (office, day, kind) DO UPDATE SET count = counter.count + excluded.count)
  INSERT INTO outbox SELECT revision, dossier FROM inserted;
END $$;
