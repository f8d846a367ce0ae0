-- Nothing in the log changes; personal values may go, but never without an entry that says so.

CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: the audit log is append-only', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_event
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_node
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER no_change BEFORE DELETE OR TRUNCATE ON audit_stream
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER no_change BEFORE UPDATE OR TRUNCATE ON audit_private
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();

CREATE FUNCTION audit_stream_forward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.id <> OLD.id OR NEW.size <> OLD.size + 1 OR NEW.last_at < OLD.last_at THEN
        RAISE EXCEPTION 'an audit stream only grows by one'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER forward BEFORE UPDATE ON audit_stream
    FOR EACH ROW EXECUTE FUNCTION audit_stream_forward();

-- Erasing personal values is itself an entry, whoever does it and by whatever statement.
CREATE FUNCTION audit_erased() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    why  text := coalesce(current_setting('audit.erase_reason', true), '');
    lost record;
BEGIN
    FOR lost IN
        SELECT stream_id, count(*) AS n, min(seq) AS first, max(seq) AS last,
            encode(sha256(convert_to(
                string_agg(seq || '/' || field, ',' ORDER BY seq, field), 'UTF8')), 'hex') AS fields
        FROM gone GROUP BY stream_id ORDER BY stream_id
    LOOP
        IF why = '' THEN
            RAISE EXCEPTION 'erasing personal values needs audit.erase_reason'
                USING ERRCODE = 'insufficient_privilege';
        END IF;
        PERFORM audit_append(lost.stream_id, 'audit.erased', jsonb_build_object(
            'count', lost.n, 'first', lost.first, 'last', lost.last,
            'reason', why, 'set', lost.fields));
    END LOOP;
    RETURN NULL;
END $$;
CREATE TRIGGER erased AFTER DELETE ON audit_private REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION audit_erased();

-- The application role's way to erase: all personal values of one stream, in one entry.
CREATE FUNCTION audit_erase_stream(p_stream uuid, p_reason text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    erased bigint;
BEGIN
    PERFORM 1 FROM audit_stream WHERE id = p_stream FOR UPDATE;  -- an append under way ends first
    PERFORM set_config('audit.erase_reason', p_reason, true);
    DELETE FROM audit_private WHERE stream_id = p_stream;
    GET DIAGNOSTICS erased = ROW_COUNT;
    PERFORM set_config('audit.erase_reason', '', true);
    RETURN erased;
END $$;

-- No act without its entry: refused when the transaction commits. It guards against forgetting, not
-- against malice: who may write the table may also set `audit.seen`.
CREATE FUNCTION audit_required() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('audit.seen', true) IS DISTINCT FROM pg_current_xact_id()::text THEN
        RAISE EXCEPTION '% on % without an audit event in the same transaction',
            TG_OP, TG_TABLE_NAME USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

REVOKE ALL ON FUNCTION audit_append, audit_canonical, audit_canonical_object, audit_erase_stream,
    audit_erased, audit_refuse, audit_required, audit_stream_forward FROM PUBLIC;
