-- What must hold of owners and Server IDs whatever program writes to these tables.

-- A Server ID is given out once: a replaced one is kept, and refused to every server ever after.
CREATE FUNCTION servers_locator_is_given_once() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.locator IS NOT DISTINCT FROM NEW.locator THEN RETURN NULL; END IF;
        INSERT INTO servers_formerlocator (locator, server_id)
            SELECT OLD.locator, OLD.id WHERE OLD.locator IS NOT NULL;
    END IF;
    IF EXISTS (SELECT 1 FROM servers_formerlocator WHERE locator = NEW.locator) THEN
        RAISE EXCEPTION 'a replaced Server ID is never given out again'
            USING ERRCODE = 'unique_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER locator_is_given_once AFTER INSERT OR UPDATE OF locator ON servers_server
    FOR EACH ROW EXECUTE FUNCTION servers_locator_is_given_once();

CREATE FUNCTION servers_former_locators_stay() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'a replaced Server ID stays where it is' USING ERRCODE = 'check_violation';
END $$;

CREATE TRIGGER former_locators_stay BEFORE UPDATE OR DELETE ON servers_formerlocator
    FOR EACH ROW EXECUTE FUNCTION servers_former_locators_stay();

-- Whoever owns a living server administers it. Looked at once the transaction ends, behind the
-- server's row lock: who hands over and who removes the heir come one after the other.
CREATE FUNCTION servers_owner_administers() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    about uuid;
BEGIN
    IF TG_TABLE_NAME = 'servers_server' THEN about := NEW.id; ELSE about := OLD.server_id; END IF;
    PERFORM 1 FROM servers_server WHERE id = about FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT 1 FROM servers_server AS server WHERE id = about AND standing <> 'deleted'
        AND NOT EXISTS (
            SELECT 1 FROM servers_administrator
            WHERE server_id = server.id AND account_id = server.owner_id
        )
    ) THEN
        RAISE EXCEPTION 'the owner of a server administers it' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER owner_administers AFTER UPDATE OF owner_id ON servers_server
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION servers_owner_administers();
CREATE CONSTRAINT TRIGGER owner_administers
    AFTER DELETE OR UPDATE OF server_id, account_id ON servers_administrator
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION servers_owner_administers();
