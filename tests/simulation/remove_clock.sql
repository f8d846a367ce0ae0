-- Takes away what clock.sql installed.
DROP TABLE content_encryptedobject_20251231;
DO $$
DECLARE
    its record;
BEGIN
    FOR its IN SELECT * FROM simulated.defaults LOOP
        EXECUTE format('ALTER TABLE %s ALTER %I SET DEFAULT %s', its.name, its.column, its.own);
    END LOOP;
END $$;
DROP SCHEMA simulated CASCADE;
