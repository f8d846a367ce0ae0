-- The application role owns no table; these two functions are all it may do to partitions.
CREATE FUNCTION content_make_partition(p_day date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp SET lock_timeout = '50ms' SET timezone = 'UTC' AS $$
BEGIN
  IF p_day NOT BETWEEN current_date - 2 AND current_date + 60 THEN
    RAISE EXCEPTION 'no object stored now expires on %', p_day;
  END IF;
  EXECUTE format(
    'CREATE TABLE IF NOT EXISTS public.%I PARTITION OF public.content_encryptedobject'
    ' FOR VALUES FROM (%L) TO (%L)',
    'content_encryptedobject_' || to_char(p_day, 'YYYYMMDD'), p_day, p_day + 1);
END $$;

CREATE FUNCTION content_drop_partition(p_day date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp SET lock_timeout = '50ms' SET timezone = 'UTC' AS $$
BEGIN
  IF p_day >= (clock_timestamp() AT TIME ZONE 'UTC')::date THEN
    RAISE EXCEPTION '% is not past: its objects may be alive', p_day
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  EXECUTE format(
    'DROP TABLE IF EXISTS public.%I', 'content_encryptedobject_' || to_char(p_day, 'YYYYMMDD'));
  DELETE FROM public.content_objectcount WHERE expires_on = p_day;
  DELETE FROM public.content_countedday WHERE expires_on = p_day;
END $$;

REVOKE ALL ON FUNCTION content_make_partition, content_drop_partition FROM PUBLIC;

-- Ciphertext does not compress; do not try. Partitions made from now on inherit this.
ALTER TABLE content_encryptedobject ALTER COLUMN body SET STORAGE EXTERNAL;

SELECT content_make_partition(day::date)
FROM generate_series(current_date, current_date + 38, interval '1 day') AS day;
