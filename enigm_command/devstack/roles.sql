-- The two roles. The owner makes and changes tables; the application runs as a role that owns none.
-- Safe to run again. Times are told in UTC whatever the machine says: a day is 24 hours long here.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'enigm_owner') THEN
        CREATE ROLE enigm_owner LOGIN CREATEDB;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'enigm_app') THEN
        CREATE ROLE enigm_app LOGIN;
    END IF;
END
$$;

GRANT enigm_app TO enigm_owner;

ALTER ROLE enigm_owner SET timezone = 'UTC';
ALTER ROLE enigm_app SET timezone = 'UTC';
ALTER ROLE enigm_app SET statement_timeout = '60s';
ALTER ROLE enigm_app SET idle_in_transaction_session_timeout = '15s';
