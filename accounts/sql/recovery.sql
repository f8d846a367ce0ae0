-- The delay of a recovery is nobody's to shorten, whatever program writes to this table. It begins
-- at this moment by this clock; whose it is and when it ends stay as they are; it is done when it is
-- done, and what was called off stays so.
CREATE FUNCTION accounts_recovery_waits() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (NEW.account_id, NEW.key_digest) IS DISTINCT FROM (OLD.account_id, OLD.key_digest)
        OR OLD.vouched_at IS NULL AND NEW.vouched_at < clock_timestamp() - interval '1 minute'
        OR OLD.vouched_at IS NOT NULL AND (NEW.vouched_at, NEW.due_at, NEW.server_id)
            IS DISTINCT FROM (OLD.vouched_at, OLD.due_at, OLD.server_id)
        OR OLD.called_off_at IS NOT NULL AND NEW.called_off_at IS DISTINCT FROM OLD.called_off_at
        OR OLD.done_at IS NULL AND NEW.done_at > clock_timestamp()
    THEN
        RAISE EXCEPTION 'the delay of a recovery stands' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER recovery_waits BEFORE UPDATE ON accounts_recovery
    FOR EACH ROW EXECUTE FUNCTION accounts_recovery_waits();
