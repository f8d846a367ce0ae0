-- Orders and cutoffs are forgotten by the clock, without an entry in the log, once nothing that they
-- cover can be alive. Were one to go before, what it keeps in the dark would come to light.
CREATE FUNCTION content_keep_cutoff() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.cutoff_at > clock_timestamp() - interval '720 hours' THEN
    RAISE EXCEPTION 'a cutoff may still keep something in the dark'
      USING ERRCODE = 'check_violation';
  END IF;
  RETURN OLD;
END $$;

CREATE FUNCTION content_keep_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.finished_at IS NULL OR OLD.cutoff_at > clock_timestamp() - interval '720 hours' THEN
    RAISE EXCEPTION 'an order is kept as long as anything it covers may be alive'
      USING ERRCODE = 'check_violation';
  END IF;
  RETURN OLD;
END $$;

REVOKE ALL ON FUNCTION content_keep_cutoff, content_keep_order FROM PUBLIC;

CREATE TRIGGER keep_cutoff BEFORE DELETE ON content_cutoff
  FOR EACH ROW EXECUTE FUNCTION content_keep_cutoff();
CREATE TRIGGER keep_order BEFORE DELETE ON content_deletionorder
  FOR EACH ROW EXECUTE FUNCTION content_keep_order();
