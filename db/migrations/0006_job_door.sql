-- A client's key is its own: unique by submitter, and it stands for one request. And a job stays where its submitter may go.
-- Expands only, so that a process of the version before goes on meanwhile: job.idempotency_key, which one submitter could
-- take from all others, stays as it is for that one and goes, with the trigger, in a later migration.
ALTER TABLE job ADD COLUMN submission_key text;
ALTER TABLE job ADD COLUMN request_sha256 text;
ALTER TABLE job ADD COLUMN allowed_centre_ids text[];
UPDATE job SET submission_key = idempotency_key WHERE idempotency_key IS NOT NULL;
UPDATE job SET allowed_centre_ids = submitter.centre_ids
  FROM (SELECT id, centre_ids FROM person UNION ALL SELECT id, centre_ids FROM api_token) AS submitter
  WHERE submitter.id = job.submitted_by AND job.status IN ('queued', 'placed');
CREATE UNIQUE INDEX job_submission ON job (submitted_by, submission_key);
CREATE FUNCTION take_former_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.submission_key := NEW.idempotency_key;
  RETURN NEW;
END $$;
CREATE TRIGGER job_former_key BEFORE INSERT ON job
  FOR EACH ROW WHEN (NEW.idempotency_key IS NOT NULL AND NEW.submission_key IS NULL) EXECUTE FUNCTION take_former_key();
