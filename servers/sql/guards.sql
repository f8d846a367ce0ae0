-- What must hold for servers whatever program writes to these tables.

-- A server never moves: its region is chosen once.
CREATE FUNCTION servers_region_is_fixed() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'a server''s region is fixed' USING ERRCODE = 'check_violation';
END $$;

CREATE TRIGGER server_region_is_fixed BEFORE UPDATE OF region ON servers_server
    FOR EACH ROW WHEN (OLD.region IS DISTINCT FROM NEW.region)
    EXECUTE FUNCTION servers_region_is_fixed();

-- Policy versions are only ever added.
CREATE FUNCTION servers_policy_is_append_only() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'policy versions are only ever added' USING ERRCODE = 'check_violation';
END $$;

CREATE TRIGGER policy_is_append_only BEFORE UPDATE OR DELETE ON servers_policyversion
    FOR EACH ROW EXECUTE FUNCTION servers_policy_is_append_only();

-- The last administrator stays. Counted at commit, behind the server's row lock: of two who remove
-- each other, the second one waits here, counts again, and is refused.
CREATE FUNCTION servers_last_administrator_stays() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM 1 FROM servers_server
        WHERE id = OLD.server_id AND standing <> 'deleted' FOR NO KEY UPDATE;
    IF FOUND AND NOT EXISTS (
        SELECT 1 FROM servers_administrator WHERE server_id = OLD.server_id
    ) THEN
        RAISE EXCEPTION 'the last administrator of a server stays'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER last_administrator_stays
    AFTER DELETE OR UPDATE OF server_id ON servers_administrator
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION servers_last_administrator_stays();
