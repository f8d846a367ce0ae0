-- The one way in. What stands here replaces what a database has: each change of it is run again.

-- One value as canonical JSON (RFC 8785, restricted to what a leaf may hold). It and the next one
-- run only inside `audit_append`, which pins the search path: to pin it again would cost more than
-- they do.
CREATE OR REPLACE FUNCTION audit_canonical(p_key text, p_value jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    CASE jsonb_typeof(p_value)
        WHEN 'string' THEN RETURN to_json(p_value #>> '{}')::text;
        WHEN 'boolean' THEN RETURN p_value::text;
        WHEN 'number' THEN
            IF p_value::text ~ '^(0|-?[1-9][0-9]{0,14})$' THEN RETURN p_value::text; END IF;
        ELSE NULL;
    END CASE;
    RAISE EXCEPTION 'audit data: % must be a string, a boolean or an integer below 1e15', p_key;
END $$;

-- An object of such values, its keys in the order of their bytes.
CREATE OR REPLACE FUNCTION audit_canonical_object(p_object jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN (SELECT '{' || coalesce(string_agg(
        to_json(key)::text || ':' || audit_canonical(key, value), ',' ORDER BY key COLLATE "C"
    ), '') || '}' FROM jsonb_each(p_object));
END $$;

-- Append one event: the last thing a transaction does. Locks the stream until commit, so that acts on
-- one server are one after the other; takes the time itself, so that nobody can backdate.
-- p_private: {field: {"commit": hex of SHA-256(salt || value), "sealed": base64, "mark": base64}}
CREATE OR REPLACE FUNCTION audit_append(
    p_stream uuid, p_action text, p_data jsonb, p_private jsonb DEFAULT '{}'
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    head    audit_stream;
    at      timestamptz;
    commits text;
    leaf    bytea;
    hash    bytea;
    n       bigint;
    level   int := 0;
BEGIN
    LOOP
        SELECT * INTO head FROM audit_stream WHERE id = p_stream FOR UPDATE;
        EXIT WHEN FOUND;
        INSERT INTO audit_stream (id) VALUES (p_stream) ON CONFLICT DO NOTHING;
    END LOOP;
    at := greatest(clock_timestamp(), head.last_at);
    SELECT '{' || coalesce(string_agg(
        to_json(key)::text || ':' || audit_canonical(key, value -> 'commit'), ','
        ORDER BY key COLLATE "C"
    ), '') || '}' INTO commits FROM jsonb_each(p_private);
    leaf := convert_to(
        '{"action":' || to_json(p_action)::text
        || ',"at":"' || to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
        || '","commit":' || commits
        || ',"data":' || audit_canonical_object(p_data)
        || ',"seq":' || head.size || ',"stream":"' || p_stream || '","v":1}', 'UTF8');

    INSERT INTO audit_event (stream_id, seq, leaf, filed_as, filed_by, filed_at)
        VALUES (p_stream, head.size, leaf, p_action, p_data ->> 'capacity', at)
        RETURNING leaf_hash INTO hash;
    INSERT INTO audit_private (stream_id, seq, field, sealed, mark)
        SELECT p_stream, head.size, key,
            decode(value ->> 'sealed', 'base64'), decode(value ->> 'mark', 'base64')
        FROM jsonb_each(p_private);

    n := head.size;
    WHILE n & 1 = 1 LOOP
        hash := sha256('\x01'::bytea || substring(head.frontier FROM octet_length(head.frontier) - 31) || hash);
        head.frontier := substring(head.frontier FROM 1 FOR octet_length(head.frontier) - 32);
        n := n >> 1;
        level := level + 1;
        IF level % 8 = 0 THEN
            INSERT INTO audit_node VALUES (p_stream, level, n, hash);
        END IF;
    END LOOP;
    UPDATE audit_stream
        SET size = head.size + 1, frontier = head.frontier || hash, last_at = at
        WHERE id = p_stream;
    PERFORM set_config('audit.seen', pg_current_xact_id()::text, true);
    RETURN head.size;
END $$;
