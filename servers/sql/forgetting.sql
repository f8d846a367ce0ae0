-- What only ever grows while a server lives goes when the server itself is forgotten.

CREATE OR REPLACE FUNCTION servers_policy_is_append_only() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' AND servers_is_deleted(OLD.server_id) THEN RETURN OLD; END IF;
    RAISE EXCEPTION 'policy versions are only ever added' USING ERRCODE = 'check_violation';
END $$;

CREATE OR REPLACE FUNCTION servers_former_locators_stay() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' AND servers_is_deleted(OLD.server_id) THEN RETURN OLD; END IF;
    RAISE EXCEPTION 'a replaced Server ID stays where it is' USING ERRCODE = 'check_violation';
END $$;

CREATE FUNCTION servers_is_deleted(server uuid) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (SELECT 1 FROM servers_server WHERE id = server AND standing = 'deleted')
$$;
