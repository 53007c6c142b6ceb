import { bigserial, index, integer, jsonb, pgTable, text } from "drizzle-orm/pg-core";
import { instant } from "./columns.ts";

/** Roles of console.md; `admin` manages people and may do everything. */
export const roles = ["operator", "sustainability", "scheduling", "governance", "admin"] as const;
export type Role = (typeof roles)[number];

export const person = pgTable("person", {
  id: text("id").primaryKey(),
  email: text("email").notNull().unique(),
  name: text("name").notNull(),
  role: text("role", { enum: roles }).notNull(),
  /** Centres this person may see; null: all. */
  centreIds: text("centre_ids").array(),
  /** argon2id in PHC form; null until set. */
  passwordHash: text("password_hash"),
  createdAt: instant("created_at").notNull(),
  disabledAt: instant("disabled_at"),
});

/** A browser's session. Only the SHA-256 of its token is kept. */
export const session = pgTable(
  "session",
  {
    tokenSha256: text("token_sha256").primaryKey(),
    personId: text("person_id")
      .notNull()
      .references(() => person.id),
    csrfToken: text("csrf_token").notNull(),
    createdAt: instant("created_at").notNull(),
    lastSeenAt: instant("last_seen_at").notNull(),
    expiresAt: instant("expires_at").notNull(),
    endedAt: instant("ended_at"),
  },
  (t) => [index("session_person").on(t.personId)],
);

/** The first start's one-time link, and later invitations. */
export const signInLink = pgTable("sign_in_link", {
  tokenSha256: text("token_sha256").primaryKey(),
  personId: text("person_id")
    .notNull()
    .references(() => person.id),
  createdAt: instant("created_at").notNull(),
  expiresAt: instant("expires_at").notNull(),
  usedAt: instant("used_at"),
});

/** Bearer tokens of the API (`hs token create`). */
export const apiToken = pgTable("api_token", {
  id: text("id").primaryKey(),
  name: text("name").notNull(),
  tokenSha256: text("token_sha256").notNull().unique(),
  role: text("role", { enum: roles }).notNull(),
  centreIds: text("centre_ids").array(),
  createdAt: instant("created_at").notNull(),
  expiresAt: instant("expires_at"),
  lastUsedAt: instant("last_used_at"),
  revokedAt: instant("revoked_at"),
});

/** Append-only: the database refuses UPDATE and DELETE on it. */
export const auditLog = pgTable(
  "audit_log",
  {
    id: bigserial("id", { mode: "number" }).primaryKey(),
    at: instant("at").notNull(),
    actor: text("actor").notNull(),
    action: text("action").notNull(),
    subject: text("subject").notNull(),
    detail: jsonb("detail").$type<Record<string, unknown>>().notNull(),
  },
  (t) => [index("audit_log_at").on(t.at)],
);

/** Long work that shows its progress: history, import, report. */
export const taskProgress = pgTable("task_progress", {
  id: text("id").primaryKey(),
  kind: text("kind").notNull(),
  done: integer("done").notNull(),
  total: integer("total").notNull(),
  status: text("status", { enum: ["running", "done", "failed", "cancelled"] }).notNull(),
  message: text("message"),
  startedAt: instant("started_at").notNull(),
  updatedAt: instant("updated_at").notNull(),
});
