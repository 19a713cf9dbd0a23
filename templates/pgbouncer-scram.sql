-- With the password in userlist.txt, each sign-in costs PgBouncer about seventeen times the CPU that it costs with a SCRAM
-- secret, and a spike of functions is a spike of sign-ins. The password, and every URL, stays as it is:
--   1. Let the server store this secret of the password (a role may do that for itself):
--      psql "$DIRECT_URL" -f pgbouncer/scram.sql
--   2. Replace the user's line in userlist.txt by this one, and restart PgBouncer:
--      {{entry}}
-- Whenever the password is set anew, userlist.txt needs the new secret:
--   select rolpassword from pg_authid where rolname = {{role}}
ALTER ROLE {{user}} PASSWORD '{{secret}}';
