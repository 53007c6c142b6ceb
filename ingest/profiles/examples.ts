import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { z } from "zod";
import { ProfileError, parseYaml } from "./yaml.ts";

/*
 * Worked examples: what a device of a profile holds in its registers, and the values that a reader must make of them.
 * They stand in `ingest/profiles/examples/NAME.yaml`, written from the manual and not by our own encoder.
 */

/** Addresses are as on the wire (register − base). */
const block = z
  .strictObject({
    fc: z.union([z.literal(3), z.literal(4)]).default(3),
    at: z.number().int().min(0).max(65_535),
    /** Registers that exist from `at` on; default: those of `words`. Beyond `words` they keep what they hold, first 0. */
    count: z.number().int().min(1).max(65_536).optional(),
    /** The device answers only for whole groups of so many registers, counted from `at`. */
    group: z.number().int().min(1).optional(),
    words: z
      .string()
      .regex(/^[0-9A-F]{4}( [0-9A-F]{4})*$/, 'registers in hexadecimal, such as "43E6 8000"')
      .optional(),
  })
  .refine((value) => value.words !== undefined || value.count !== undefined, "needs words or count");

const example = z.strictObject({
  profile: z.string(),
  /** In turn: each changes some registers and then says only the values that are new. */
  steps: z
    .array(
      z.strictObject({
        title: z.string(),
        registers: z.array(block).min(1),
        /** By point name, in the point's unit; null: the device says "not implemented". */
        expected: z.record(z.string(), z.number().nullable()),
        /** Counters whose modulus only the device knows (SunSpec). */
        rolloverAt: z.record(z.string(), z.number()).default({}),
      }),
    )
    .min(1),
});
export type RegisterBlockExample = z.output<typeof block>;
export type ProfileExample = z.output<typeof example>;

/**
 * The worked examples, by profile.
 * @throws ProfileError with the problems of the first file that has some, each naming file, line and key.
 */
export function loadExamples(folder: string = join(import.meta.dirname, "examples")): Map<string, ProfileExample> {
  const examples = new Map<string, ProfileExample>();
  for (const entry of readdirSync(folder).sort()) {
    const file = join(folder, entry);
    const { value, problem } = parseYaml(readFileSync(file, "utf8"), file, example);
    if (value.profile !== basename(entry, ".yaml")) {
      throw new ProfileError([problem(["profile"], `"${value.profile}" must be the file's name`)]);
    }
    examples.set(value.profile, value);
  }
  return examples;
}

/** The registers of an example's device, sparse: what no block names does not exist. */
export class RegisterImage {
  readonly #words = { 3: new Map<number, number>(), 4: new Map<number, number>() };
  readonly #groups: { fc: 3 | 4; from: number; to: number; size: number }[] = [];

  write(blocks: RegisterBlockExample[]): void {
    for (const { fc, at, count, group, words } of blocks) {
      const given = words?.split(" ").map((word) => Number.parseInt(word, 16)) ?? [];
      const existing = Math.max(count ?? 0, given.length);
      for (let offset = 0; offset < existing; offset++) {
        this.#words[fc].set(at + offset, given[offset] ?? this.#words[fc].get(at + offset) ?? 0);
      }
      if (group) this.#groups.push({ fc, from: at, to: at + existing, size: group });
    }
  }

  /** As on the wire, or undefined when some do not exist or a group would be cut. */
  read(fc: 3 | 4, address: number, count: number): Uint8Array | undefined {
    const bytes = new Uint8Array(count * 2);
    for (let offset = 0; offset < count; offset++) {
      const word = this.#words[fc].get(address + offset);
      if (word === undefined) return undefined;
      bytes[offset * 2] = word >> 8;
      bytes[offset * 2 + 1] = word & 0xff;
    }
    const cuts = (edge: number) =>
      this.#groups.some((g) => g.fc === fc && edge > g.from && edge < g.to && (edge - g.from) % g.size !== 0);
    return cuts(address) || cuts(address + count) ? undefined : bytes;
  }

  /** Every register that exists, for a server that is not ours: by function code, address and content. */
  entries(): { fc: 3 | 4; address: number; word: number }[] {
    return ([3, 4] as const).flatMap((fc) => [...this.#words[fc]].map(([address, word]) => ({ fc, address, word })));
  }
}
