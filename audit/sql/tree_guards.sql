-- Entries and tree cannot come apart. Appending by `audit_append` keeps them together by itself;
-- these rules hold for whoever writes the tables by hand: no entry out of turn, none that the tree
-- does not count, and no tree that counts what is not there.

CREATE FUNCTION audit_event_next() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.seq IS DISTINCT FROM (SELECT size FROM public.audit_stream WHERE id = NEW.stream_id) THEN
        RAISE EXCEPTION 'entry % is not the next one of its audit stream', NEW.seq
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER next BEFORE INSERT ON audit_event
    FOR EACH ROW EXECUTE FUNCTION audit_event_next();

-- Told at commit, because an entry is written before the tree counts it.
CREATE FUNCTION audit_event_counted() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM public.audit_stream WHERE id = NEW.stream_id AND size > NEW.seq) THEN
        RAISE EXCEPTION 'entry % stands outside the tree of its audit stream', NEW.seq
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER counted AFTER INSERT ON audit_event
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit_event_counted();

-- The roots of the perfect subtrees after one more leaf; NULL when there is no leaf.
CREATE FUNCTION audit_grown(frontier bytea, size bigint, hash bytea) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
    WHILE size & 1 = 1 LOOP
        hash := sha256('\x01'::bytea || substring(frontier FROM octet_length(frontier) - 31) || hash);
        frontier := substring(frontier FROM 1 FOR octet_length(frontier) - 32);
        size := size >> 1;
    END LOOP;
    RETURN frontier || hash;
END $$;

-- Exactly one entry more, the one that stands there, hashed into the roots that were there before.
CREATE OR REPLACE FUNCTION audit_stream_forward() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    added bytea := (SELECT leaf_hash FROM public.audit_event WHERE stream_id = OLD.id AND seq = OLD.size);
BEGIN
    IF NEW.id <> OLD.id OR NEW.size <> OLD.size + 1 OR NEW.last_at < OLD.last_at
        OR NEW.frontier IS DISTINCT FROM public.audit_grown(OLD.frontier, OLD.size, added)
    THEN
        RAISE EXCEPTION 'an audit stream only grows by one, and only by an entry that is there'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER empty_at_first BEFORE INSERT ON audit_stream
    FOR EACH ROW WHEN (NEW.size <> 0 OR NEW.frontier <> '')
    EXECUTE FUNCTION audit_refuse();

REVOKE ALL ON FUNCTION audit_event_counted, audit_event_next, audit_grown FROM PUBLIC;
