/**
 * For how long what is stored would carry a centre, hours (whitepaper WP-F7: storage for four hours of *operation*): over
 * facility power, since cooling and losses run on the battery as IT does. One definition for pages, reports and alarms.
 * @returns null where nothing draws power or one of the two is not known.
 */
export function autonomyH(storedWh: number | null, facilityW: number | null): number | null {
  return storedWh !== null && facilityW !== null && facilityW > 0 ? storedWh / facilityW : null;
}
