-- A list of reports reads figures, not whole reports; and what was reported stays as it was.
ALTER TABLE report ADD COLUMN summary jsonb NOT NULL DEFAULT '{}'::jsonb;
CREATE INDEX report_created ON report (created_at DESC, id DESC);
ALTER TABLE report ADD CONSTRAINT report_period CHECK (period_start < period_end);
ALTER TABLE report ADD CONSTRAINT report_sha256 CHECK (content_sha256 ~ '^[0-9a-f]{64}$');
CREATE FUNCTION refuse_report_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.id, NEW.centre_ids, NEW.period_start, NEW.period_end, NEW.time_zone, NEW.content, NEW.content_sha256, NEW.summary, NEW.created_by, NEW.created_at)
     IS DISTINCT FROM
     (OLD.id, OLD.centre_ids, OLD.period_start, OLD.period_end, OLD.time_zone, OLD.content, OLD.content_sha256, OLD.summary, OLD.created_by, OLD.created_at) THEN
    RAISE EXCEPTION 'a report is frozen: make a restatement beside it' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER report_frozen BEFORE UPDATE ON report FOR EACH ROW EXECUTE FUNCTION refuse_report_change();
CREATE TRIGGER report_kept BEFORE DELETE ON report FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
