import type { Finding, LetterCount, Rule } from "../types.ts";

/** Messages of ten minutes that could not become readings. The pipeline keeps 100 of a source and hour. */
const flood = 50;
const calm = 10;

/** Many messages cannot be read: a device changed its format, or a stranger writes to our topics. */
export const deadLetters: Rule = {
  name: "deadLetters",
  opensAfterMs: 0,
  closesAfterMs: 30_000,
  find({ centres, letters }, open) {
    const byCentre = new Map<string, LetterCount[]>();
    for (const count of letters) {
      // What belongs to no centre is shown at the first: it must be shown somewhere.
      const centreId = count.centreId ?? centres[0]?.id;
      if (centreId) byCentre.set(centreId, [...(byCentre.get(centreId) ?? []), count]);
    }
    const findings: Finding[] = [];
    for (const [centreId, counts] of byCentre) {
      const cause = `deadLetters:${centreId}`;
      const sum = counts.reduce((total, count) => total + count.letters, 0);
      if (sum < (open.has(cause) ? calm : flood)) continue;
      const most = counts.reduce((worst, count) => (count.letters > worst.letters ? count : worst));
      findings.push({
        cause,
        severity: "watch",
        centreId,
        message: { key: "deadLetters", values: { letters: sum, source: most.source, reason: most.reason } },
      });
    }
    return { findings };
  },
};
