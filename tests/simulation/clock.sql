-- A clock that stands where a session puts it. Only the simulation installs this, and removes it.
--
-- PostgreSQL looks for a function along the search path: in a session that names this schema before
-- pg_catalog, every "now" of the product is found here. The defaults of columns are bound to the
-- database's own clock when a table is made; they ask here as long as this schema is there, and
-- outside of a simulation hear what they always heard.

CREATE SCHEMA simulated;
GRANT USAGE ON SCHEMA simulated TO PUBLIC;

CREATE FUNCTION simulated.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
    RETURN coalesce(
        nullif(current_setting('simulated.now', true), '')::timestamptz,
        pg_catalog.clock_timestamp());
CREATE FUNCTION simulated.statement_timestamp() RETURNS timestamptz LANGUAGE sql STABLE
    RETURN coalesce(
        nullif(current_setting('simulated.now', true), '')::timestamptz,
        pg_catalog.statement_timestamp());

CREATE TABLE simulated.defaults AS
    SELECT adrelid::regclass::text AS name, attname AS column, said AS own
    FROM pg_attrdef JOIN pg_attribute ON (attrelid, attnum) = (adrelid, adnum),
        LATERAL pg_get_expr(adbin, adrelid) AS told (said)
    WHERE said IN ('clock_timestamp()', 'statement_timestamp()')
        AND adrelid::regclass::text ~ '^(content|servers)_';

DO $$
DECLARE
    its record;
BEGIN
    FOR its IN SELECT * FROM simulated.defaults LOOP
        EXECUTE format('ALTER TABLE %s ALTER %I SET DEFAULT simulated.%s',
            its.name, its.column, its.own);
    END LOOP;
END $$;

-- One partition for all that a simulation stores. By the simulated clock no day of it is ever past.
CREATE TABLE content_encryptedobject_20251231 PARTITION OF content_encryptedobject
    FOR VALUES FROM ('2024-01-01') TO ('2026-01-01');
