-- Stops a worker at the n-th commit that changes what one server has. Only the tests install this.
--
-- Each table that names a server gets deferred triggers, which PostgreSQL runs when it was told to
-- commit and has not yet done so. The n-th of these transactions waits there for a lock that the
-- test holds: ended there, it never happened; let go, it is committed and nobody is told.

CREATE SCHEMA crash;
CREATE TABLE crash.point (
    id integer PRIMARY KEY,
    server_id uuid NOT NULL,
    number bigint NOT NULL,  -- of the commit; a sequence of its own counts them, taken back or not
    application text NOT NULL
);

CREATE FUNCTION crash.concerns(server uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = crash, pg_temp
    RETURN EXISTS (SELECT FROM crash.point WHERE server_id = server
        AND application = current_setting('application_name'));

CREATE FUNCTION crash.stop() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = crash, pg_temp AS $$
DECLARE
    changed jsonb;
    its crash.point%ROWTYPE;
BEGIN
    IF current_setting('crash.counted', true) IS DISTINCT FROM pg_current_xact_id()::text THEN
        PERFORM set_config('crash.counted', pg_current_xact_id()::text, true);
        changed := CASE TG_OP WHEN 'DELETE' THEN to_jsonb(OLD) ELSE to_jsonb(NEW) END;
        SELECT * INTO STRICT its FROM crash.point WHERE server_id = (changed ->> TG_ARGV[0])::uuid;
        IF nextval(format('commits_%s', its.id)) = its.number THEN
            PERFORM pg_advisory_xact_lock(77, its.id);  -- death.LOCK
        END IF;
    END IF;
    RETURN NULL;
END $$;

DO $$
DECLARE
    found record;
    change record;
BEGIN
    FOR found IN
        SELECT attrelid::regclass AS name, attname AS column
        FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
            AND NOT relispartition AND attname IN ('server_id', 'stream_id')
            AND relname NOT IN ('audit_anchored', 'content_objectcount')  -- other sweeps' own
    LOOP
        FOR change IN SELECT * FROM (VALUES ('INSERT', 'NEW'), ('UPDATE', 'NEW'), ('DELETE', 'OLD'))
            AS changes (verb, side)
        LOOP
            EXECUTE format(
                'CREATE CONSTRAINT TRIGGER crash_%s AFTER %s ON %s DEFERRABLE INITIALLY DEFERRED'
                ' FOR EACH ROW WHEN (crash.concerns(%s.%I)) EXECUTE FUNCTION crash.stop(%L)',
                lower(change.verb), change.verb, found.name,
                change.side, found.column, found.column);
        END LOOP;
    END LOOP;
END $$;
