-- The log of a deleted server is closed: what the schedule entered as "server.deleted" is its last
-- entry, whatever program asks for another one.
CREATE FUNCTION audit_closed() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM audit_event
        WHERE stream_id = NEW.stream_id AND seq = NEW.seq - 1
            AND filed_as = 'server.deleted' AND filed_by = 'schedule'
    ) THEN
        RAISE EXCEPTION 'the log of a deleted server is closed'
            USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER closed BEFORE INSERT ON audit_event
    FOR EACH ROW EXECUTE FUNCTION audit_closed();

REVOKE ALL ON FUNCTION audit_closed FROM PUBLIC;
