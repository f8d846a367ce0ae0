-- Erasing by person and by age: the application role may call these and delete nothing itself. Each
-- waits for an append under way, so that no value slips in behind it; the entry is `audit_erased`'s.

CREATE FUNCTION audit_erase_marked(p_stream uuid, p_marks bytea[], p_reason text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    erased bigint;
BEGIN
    PERFORM 1 FROM audit_stream WHERE id = p_stream FOR UPDATE;
    PERFORM set_config('audit.erase_reason', p_reason, true);
    DELETE FROM audit_private WHERE stream_id = p_stream AND mark = ANY (p_marks);
    GET DIAGNOSTICS erased = ROW_COUNT;
    PERFORM set_config('audit.erase_reason', '', true);
    RETURN erased;
END $$;

-- The oldest values first, `p_limit` entries at a time: one aggregate entry says how many went.
CREATE FUNCTION audit_erase_aged(
    p_stream uuid, p_before timestamptz, p_limit int, p_reason text
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    erased bigint;
BEGIN
    PERFORM 1 FROM audit_stream WHERE id = p_stream FOR UPDATE;
    PERFORM set_config('audit.erase_reason', p_reason, true);
    DELETE FROM audit_private WHERE stream_id = p_stream AND seq IN (
        SELECT e.seq FROM audit_event e
        WHERE e.stream_id = p_stream AND e.filed_at < p_before AND EXISTS (
            SELECT FROM audit_private p WHERE p.stream_id = e.stream_id AND p.seq = e.seq)
        ORDER BY e.seq LIMIT p_limit);
    GET DIAGNOSTICS erased = ROW_COUNT;
    PERFORM set_config('audit.erase_reason', '', true);
    RETURN erased;
END $$;

REVOKE ALL ON FUNCTION audit_erase_marked, audit_erase_aged FROM PUBLIC;
