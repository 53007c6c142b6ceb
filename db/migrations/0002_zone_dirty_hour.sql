-- A grid zone's value came or changed: the centres of that zone derive the hour's indicators again, whoever wrote it.
CREATE TABLE zone_dirty_hour (
  zone text NOT NULL,
  hour timestamptz NOT NULL,
  marked_at timestamptz NOT NULL,
  PRIMARY KEY (zone, hour)
);
CREATE FUNCTION mark_zone_hours() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO zone_dirty_hour
      SELECT zone, hour, clock_timestamp()
      FROM (SELECT DISTINCT zone, date_trunc('hour', time, 'UTC') AS hour FROM fresh) AS hours ORDER BY 1, 2
      ON CONFLICT (zone, hour) DO UPDATE SET marked_at = excluded.marked_at;
  ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO zone_dirty_hour
      SELECT zone, hour, clock_timestamp()
      FROM (SELECT DISTINCT zone, date_trunc('hour', time, 'UTC') AS hour FROM (SELECT * FROM fresh EXCEPT SELECT * FROM stale) AS changed) AS hours ORDER BY 1, 2
      ON CONFLICT (zone, hour) DO UPDATE SET marked_at = excluded.marked_at;
  ELSE
    INSERT INTO zone_dirty_hour
      SELECT zone, hour, clock_timestamp()
      FROM (SELECT DISTINCT zone, date_trunc('hour', time, 'UTC') AS hour FROM stale) AS hours ORDER BY 1, 2
      ON CONFLICT (zone, hour) DO UPDATE SET marked_at = excluded.marked_at;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER zone_series_inserted AFTER INSERT ON zone_series
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION mark_zone_hours();
CREATE TRIGGER zone_series_updated AFTER UPDATE ON zone_series
  REFERENCING NEW TABLE AS fresh OLD TABLE AS stale FOR EACH STATEMENT EXECUTE FUNCTION mark_zone_hours();
CREATE TRIGGER zone_series_deleted AFTER DELETE ON zone_series
  REFERENCING OLD TABLE AS stale FOR EACH STATEMENT EXECUTE FUNCTION mark_zone_hours();
