-- The last second factor of an account stays, whatever program writes to these tables. Counted at
-- commit, behind the account's row lock: of two sessions that each remove one of two factors, the
-- second one waits here, counts again, and is refused. So a factor may be put in another's place in
-- one transaction, and a closed account keeps none. Recovery codes do not count.
CREATE FUNCTION accounts_last_factor_stays() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM 1 FROM accounts_account WHERE id = OLD.user_id AND is_active FOR NO KEY UPDATE;
    IF FOUND AND NOT EXISTS (
        SELECT 1 FROM accounts_encryptedtotpdevice WHERE user_id = OLD.user_id AND confirmed
        UNION ALL
        SELECT 1 FROM accounts_passkey WHERE user_id = OLD.user_id AND confirmed
    ) THEN
        RAISE EXCEPTION 'the last second factor of an account stays'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER last_factor_stays
    AFTER DELETE OR UPDATE OF confirmed, user_id ON accounts_encryptedtotpdevice
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.confirmed) EXECUTE FUNCTION accounts_last_factor_stays();

CREATE CONSTRAINT TRIGGER last_factor_stays
    AFTER DELETE OR UPDATE OF confirmed, user_id ON accounts_passkey
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.confirmed) EXECUTE FUNCTION accounts_last_factor_stays();
