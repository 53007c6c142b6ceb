-- What the application must not be able to do by mistake.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER decision_append_only BEFORE UPDATE OR DELETE ON decision
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE energy_ledger ADD CONSTRAINT energy_ledger_whole_hour CHECK (date_trunc('hour', hour, 'UTC') = hour);
ALTER TABLE energy_ledger ADD CONSTRAINT energy_ledger_covered CHECK (covered_s >= 0 AND covered_s <= 3600);
ALTER TABLE centre_hour ADD CONSTRAINT centre_hour_whole_hour CHECK (date_trunc('hour', hour, 'UTC') = hour);
ALTER TABLE centre_hour ADD CONSTRAINT centre_hour_pue CHECK ((pue IS NULL) = (facility_milli_wh IS NULL OR it_milli_wh IS NULL OR it_milli_wh = 0));
ALTER TABLE job ADD CONSTRAINT job_sizes CHECK (gpus > 0 AND duration_s > 0 AND deadline_at > release_at);
ALTER TABLE point_latest SET (fillfactor = 70);
ALTER TABLE gpu_latest SET (fillfactor = 70);
