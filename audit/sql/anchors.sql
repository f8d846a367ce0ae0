-- What each anchor of the platform's log committed to, and what a witness signed below checkpoints.

-- The head of a log in the anchor that is entry `entry` of the platform's log, and in every later
-- one until the log's next row: a quiet log costs nothing, and there are never more rows than entries.
CREATE TABLE audit_anchored (
    stream_id uuid NOT NULL,
    entry     bigint NOT NULL,
    size      bigint NOT NULL,
    frontier  bytea NOT NULL,
    at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (stream_id, entry)
);

CREATE TABLE audit_cosignature (
    stream_id uuid NOT NULL,
    origin    text NOT NULL,
    size      bigint NOT NULL,
    witness   text NOT NULL,
    line      text NOT NULL CHECK (starts_with(line, '— ' || witness || ' ') AND right(line, 1) = E'\n'),
    at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (origin, size, witness)
);

CREATE TRIGGER no_change BEFORE UPDATE OR TRUNCATE ON audit_anchored
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_cosignature
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();

-- Told at commit, because heads are taken before the entry that commits to them is written.
CREATE FUNCTION audit_anchored_said() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM audit_event WHERE seq = NEW.entry AND filed_as = 'logs.anchored'
            AND stream_id = '00000000-0000-0000-0000-000000000000'
    ) THEN
        RAISE EXCEPTION 'entry % of the platform''s log is not the anchor of these heads', NEW.entry
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER said AFTER INSERT ON audit_anchored
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit_anchored_said();

-- Take the heads of all other logs as they are committed now. The number that the next entry of the
-- platform's log will have: it stays locked until then. NULL when no log has grown since.
-- What every anchor of the last 30 days has left behind is forgotten.
CREATE FUNCTION audit_anchor() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    platform CONSTANT uuid := '00000000-0000-0000-0000-000000000000';
    anchor   bigint;
BEGIN
    INSERT INTO audit_stream (id) VALUES (platform) ON CONFLICT DO NOTHING;
    SELECT size INTO anchor FROM audit_stream WHERE id = platform FOR UPDATE;
    DELETE FROM audit_anchored old WHERE EXISTS (
        SELECT FROM audit_anchored newer
        WHERE newer.stream_id = old.stream_id AND newer.entry > old.entry
            AND newer.at < clock_timestamp() - interval '720 hours');
    INSERT INTO audit_anchored (stream_id, entry, size, frontier)
        SELECT log.id, anchor, log.size, log.frontier FROM audit_stream log
        WHERE log.id <> platform AND log.size > 0 AND log.size IS DISTINCT FROM (
            SELECT last.size FROM audit_anchored last
            WHERE last.stream_id = log.id ORDER BY last.entry DESC LIMIT 1);
    RETURN CASE WHEN FOUND THEN anchor END;
END $$;

-- A row is a signed statement that carries its own proof; the function only keeps nonsense out.
CREATE FUNCTION audit_add_cosignature(
    p_stream uuid, p_origin text, p_size bigint, p_witness text, p_line text
) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    INSERT INTO audit_cosignature (stream_id, origin, size, witness, line)
        VALUES (p_stream, p_origin, p_size, p_witness, p_line)
        ON CONFLICT DO NOTHING  -- asked by two machines at once
$$;

REVOKE ALL ON FUNCTION audit_add_cosignature, audit_anchor, audit_anchored_said FROM PUBLIC;
