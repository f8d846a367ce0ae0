-- What was signed for each log, so that pages can show it. Append-only, like the log.
--
-- The application role writes here by a function, as it does everywhere in the log: it has no row
-- privilege on any audit table, and that is one rule to check and not one for each table. A row is
-- a signed statement that carries its own proof; the function only keeps nonsense out.
CREATE TABLE audit_checkpoint (
    stream_id uuid NOT NULL,
    origin    text NOT NULL,
    size      bigint NOT NULL,
    root      bytea NOT NULL CHECK (octet_length(root) = 32),
    note      text NOT NULL CHECK (starts_with(note, origin || E'\n' || size || E'\n')),
    signed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (stream_id, origin, size)
);
CREATE INDEX audit_checkpoint_newest ON audit_checkpoint (stream_id, signed_at DESC, size DESC);

CREATE TRIGGER no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();

CREATE FUNCTION audit_add_checkpoint(
    p_stream uuid, p_origin text, p_size bigint, p_root bytea, p_note text
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF p_size > coalesce((SELECT size FROM audit_stream WHERE id = p_stream), 0) THEN
        RAISE EXCEPTION 'a checkpoint of % entries, which the log does not have', p_size
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    INSERT INTO audit_checkpoint (stream_id, origin, size, root, note)
        VALUES (p_stream, p_origin, p_size, p_root, p_note)
        ON CONFLICT DO NOTHING;  -- signed by two machines at once, or by two keys
END $$;

REVOKE ALL ON FUNCTION audit_add_checkpoint FROM PUBLIC;
