-- The first schema. Written from db/schema; reading and gpu_sample stand in db/timeseries.
CREATE TABLE "chain_block" (
	"number" bigint PRIMARY KEY NOT NULL,
	"hash" text NOT NULL,
	"parent_hash" text NOT NULL,
	"time" timestamp with time zone NOT NULL
);
CREATE TABLE "chain_contract" (
	"chain_id" bigint NOT NULL,
	"genesis_hash" text NOT NULL,
	"name" text NOT NULL,
	"address" text NOT NULL,
	"deployed_block" bigint NOT NULL,
	CONSTRAINT "chain_contract_chain_id_genesis_hash_name_pk" PRIMARY KEY("chain_id","genesis_hash","name")
);
CREATE TABLE "chain_cursor" (
	"name" text PRIMARY KEY NOT NULL,
	"chain_id" bigint NOT NULL,
	"genesis_hash" text NOT NULL,
	"block_number" bigint NOT NULL,
	"block_hash" text NOT NULL,
	"head_number" bigint NOT NULL,
	"finalized_number" bigint NOT NULL,
	"updated_at" timestamp with time zone NOT NULL
);
CREATE TABLE "chain_log" (
	"block_hash" text NOT NULL,
	"log_index" integer NOT NULL,
	"block_number" bigint NOT NULL,
	"tx_hash" text NOT NULL,
	"contract" text NOT NULL,
	"event" text NOT NULL,
	"args" jsonb NOT NULL,
	CONSTRAINT "chain_log_block_hash_log_index_pk" PRIMARY KEY("block_hash","log_index")
);
CREATE TABLE "chain_settlement" (
	"job_hash" text PRIMARY KEY NOT NULL,
	"client" text NOT NULL,
	"provider" text NOT NULL,
	"amount_wei" numeric(78,0) NOT NULL,
	"burned_wei" numeric(78,0) NOT NULL,
	"paid_wei" numeric(78,0) NOT NULL,
	"gpu_seconds" bigint NOT NULL,
	"energy_milli_wh" bigint NOT NULL,
	"result_hash" text NOT NULL,
	"tx_hash" text NOT NULL,
	"block_number" bigint NOT NULL,
	"block_hash" text NOT NULL,
	"time" timestamp with time zone NOT NULL
);
CREATE TABLE "chain_tx" (
	"key" text PRIMARY KEY NOT NULL,
	"sender" text NOT NULL,
	"nonce" integer,
	"hash" text,
	"status" text NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"error" text,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL
);
CREATE TABLE "settlement" (
	"id" text PRIMARY KEY NOT NULL,
	"job_id" text NOT NULL,
	"run_id" text NOT NULL,
	"centre_id" text NOT NULL,
	"job_hash" text NOT NULL,
	"salt" text NOT NULL,
	"client" text NOT NULL,
	"provider" text NOT NULL,
	"gpu_seconds" bigint NOT NULL,
	"energy_milli_wh" bigint NOT NULL,
	"result_hash" text NOT NULL,
	"amount_wei" numeric(78,0) NOT NULL,
	"status" text NOT NULL,
	"status_reason" text,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "settlement_job_id_unique" UNIQUE("job_id")
);
CREATE TABLE "settlement_epoch" (
	"epoch" bigint PRIMARY KEY NOT NULL,
	"jobs_root" text NOT NULL,
	"payout_root" text NOT NULL,
	"telemetry_root" text NOT NULL,
	"total_wei" numeric(78,0) NOT NULL,
	"status" text NOT NULL,
	"tx_hash" text,
	"created_at" timestamp with time zone NOT NULL
);
CREATE TABLE "token_flow" (
	"block_hash" text NOT NULL,
	"log_index" integer NOT NULL,
	"block_number" bigint NOT NULL,
	"tx_hash" text NOT NULL,
	"purpose" text NOT NULL,
	"from_address" text NOT NULL,
	"to_address" text NOT NULL,
	"amount_wei" numeric(78,0) NOT NULL,
	"time" timestamp with time zone NOT NULL,
	CONSTRAINT "token_flow_block_hash_log_index_pk" PRIMARY KEY("block_hash","log_index")
);
CREATE TABLE "centre_hour" (
	"centre_id" text NOT NULL,
	"hour" timestamp with time zone NOT NULL,
	"parts" jsonb NOT NULL,
	"facility_milli_wh" bigint,
	"it_milli_wh" bigint,
	"pue" double precision,
	"pue_category" integer NOT NULL,
	"not_computable" jsonb,
	"coverage" double precision NOT NULL,
	"estimated_share" double precision DEFAULT 0 NOT NULL,
	"mix" jsonb,
	"clean_share" double precision,
	"carbon_location_g" double precision,
	"carbon_contract_g" double precision,
	"cost_micro_usd" bigint,
	"factor_source" text,
	"simulated" boolean NOT NULL,
	"derived_at" timestamp with time zone NOT NULL,
	CONSTRAINT "centre_hour_centre_id_hour_pk" PRIMARY KEY("centre_id","hour")
);
CREATE TABLE "emission_factor" (
	"id" text NOT NULL,
	"version" text NOT NULL,
	"value" double precision NOT NULL,
	"unit" text NOT NULL,
	"basis" text NOT NULL,
	"source" text NOT NULL,
	"licence" text NOT NULL,
	"valid_from" timestamp with time zone,
	"valid_to" timestamp with time zone,
	CONSTRAINT "emission_factor_id_version_pk" PRIMARY KEY("id","version")
);
CREATE TABLE "energy_dirty_hour" (
	"point_id" integer NOT NULL,
	"hour" timestamp with time zone NOT NULL,
	"marked_at" timestamp with time zone NOT NULL,
	CONSTRAINT "energy_dirty_hour_point_id_hour_pk" PRIMARY KEY("point_id","hour")
);
CREATE TABLE "energy_ledger" (
	"point_id" integer NOT NULL,
	"hour" timestamp with time zone NOT NULL,
	"method" text NOT NULL,
	"energy_milli_wh" bigint NOT NULL,
	"covered_s" double precision NOT NULL,
	"readings" integer NOT NULL,
	"first_reading_at" timestamp with time zone NOT NULL,
	"last_reading_at" timestamp with time zone NOT NULL,
	"notes" text[] DEFAULT '{}' NOT NULL,
	"derived_at" timestamp with time zone NOT NULL,
	CONSTRAINT "energy_ledger_point_id_hour_method_pk" PRIMARY KEY("point_id","hour","method")
);
CREATE TABLE "evidence_leaf" (
	"centre_id" text NOT NULL,
	"hour" timestamp with time zone NOT NULL,
	"index" integer NOT NULL,
	"point_id" integer NOT NULL,
	"method" text NOT NULL,
	"values" jsonb NOT NULL,
	"hash" "bytea" NOT NULL,
	CONSTRAINT "evidence_leaf_centre_id_hour_index_pk" PRIMARY KEY("centre_id","hour","index")
);
CREATE TABLE "evidence_root" (
	"centre_id" text NOT NULL,
	"hour" timestamp with time zone NOT NULL,
	"root" "bytea" NOT NULL,
	"leaves" integer NOT NULL,
	"built_at" timestamp with time zone NOT NULL,
	"anchored_tx_hash" text,
	"anchored_block" bigint,
	CONSTRAINT "evidence_root_centre_id_hour_pk" PRIMARY KEY("centre_id","hour")
);
CREATE TABLE "report" (
	"id" text PRIMARY KEY NOT NULL,
	"centre_ids" text[] NOT NULL,
	"period_start" timestamp with time zone NOT NULL,
	"period_end" timestamp with time zone NOT NULL,
	"time_zone" text NOT NULL,
	"content" jsonb NOT NULL,
	"content_sha256" text NOT NULL,
	"status" text NOT NULL,
	"restates_id" text,
	"created_by" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL
);
CREATE TABLE "centre" (
	"id" text PRIMARY KEY NOT NULL,
	"name" jsonb NOT NULL,
	"locality" jsonb NOT NULL,
	"country" text NOT NULL,
	"jurisdiction" text NOT NULL,
	"latitude" double precision NOT NULL,
	"longitude" double precision NOT NULL,
	"altitude_m" double precision DEFAULT 0 NOT NULL,
	"time_zone" text NOT NULL,
	"grid_zone" text NOT NULL,
	"tier" text NOT NULL,
	"pue_category" integer NOT NULL,
	"power_cap_w" double precision NOT NULL,
	"storage_capacity_wh" double precision DEFAULT 0 NOT NULL,
	"tariff" jsonb NOT NULL,
	"targets" jsonb NOT NULL,
	"engine" jsonb NOT NULL,
	"simulated" boolean NOT NULL,
	"position" integer DEFAULT 0 NOT NULL,
	"retired_at" timestamp with time zone
);
CREATE TABLE "device" (
	"id" text PRIMARY KEY NOT NULL,
	"centre_id" text NOT NULL,
	"hall_id" text,
	"rack_id" text,
	"role" text NOT NULL,
	"feed" text,
	"supply" text,
	"protocol" text NOT NULL,
	"gateway_id" text,
	"address" jsonb NOT NULL,
	"profile" text NOT NULL,
	"interval_s" double precision NOT NULL,
	"rated_power_w" double precision,
	"simulated" boolean NOT NULL,
	"retired_at" timestamp with time zone
);
CREATE TABLE "forecast" (
	"key" text NOT NULL,
	"series" text NOT NULL,
	"issued_at" timestamp with time zone NOT NULL,
	"time" timestamp with time zone NOT NULL,
	"value" double precision NOT NULL,
	"lower" double precision,
	"upper" double precision,
	"source" text NOT NULL,
	"simulated" boolean NOT NULL,
	CONSTRAINT "forecast_key_series_issued_at_time_pk" PRIMARY KEY("key","series","issued_at","time")
);
CREATE TABLE "gateway" (
	"id" text PRIMARY KEY NOT NULL,
	"centre_id" text NOT NULL,
	"protocol" text NOT NULL,
	"host" text NOT NULL,
	"port" integer
);
CREATE TABLE "gpu" (
	"id" serial PRIMARY KEY NOT NULL,
	"rack_id" text NOT NULL,
	"index" integer NOT NULL,
	"server" text NOT NULL,
	"uuid" text NOT NULL,
	"gpu_class" text NOT NULL,
	"rated_power_w" double precision NOT NULL,
	"drained_reason" text,
	"retired_at" timestamp with time zone,
	CONSTRAINT "gpu_place" UNIQUE("rack_id","index")
);
CREATE TABLE "hall" (
	"id" text PRIMARY KEY NOT NULL,
	"centre_id" text NOT NULL,
	"name" text NOT NULL,
	"cooling" text NOT NULL,
	"retired_at" timestamp with time zone
);
CREATE TABLE "point" (
	"id" serial PRIMARY KEY NOT NULL,
	"device_id" text NOT NULL,
	"name" text NOT NULL,
	"quantity" text NOT NULL,
	"unit" text NOT NULL,
	"kind" text NOT NULL,
	"minimum" double precision,
	"maximum" double precision,
	"rollover_at" double precision,
	"retired_at" timestamp with time zone,
	CONSTRAINT "point_name" UNIQUE("device_id","name")
);
CREATE TABLE "rack" (
	"id" text PRIMARY KEY NOT NULL,
	"centre_id" text NOT NULL,
	"hall_id" text NOT NULL,
	"row" text NOT NULL,
	"slot" integer NOT NULL,
	"power_limit_w" double precision NOT NULL,
	"gpu_class" text NOT NULL,
	"gpu_count" integer NOT NULL,
	"reserved_gpus" integer DEFAULT 0 NOT NULL,
	"retired_at" timestamp with time zone
);
CREATE TABLE "zone_series" (
	"zone" text NOT NULL,
	"series" text NOT NULL,
	"time" timestamp with time zone NOT NULL,
	"value" double precision NOT NULL,
	"source" text NOT NULL,
	"simulated" boolean NOT NULL,
	CONSTRAINT "zone_series_zone_series_time_pk" PRIMARY KEY("zone","series","time")
);
CREATE TABLE "api_token" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"token_sha256" text NOT NULL,
	"role" text NOT NULL,
	"centre_ids" text[],
	"created_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone,
	"last_used_at" timestamp with time zone,
	"revoked_at" timestamp with time zone,
	CONSTRAINT "api_token_token_sha256_unique" UNIQUE("token_sha256")
);
CREATE TABLE "audit_log" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"actor" text NOT NULL,
	"action" text NOT NULL,
	"subject" text NOT NULL,
	"detail" jsonb NOT NULL
);
CREATE TABLE "person" (
	"id" text PRIMARY KEY NOT NULL,
	"email" text NOT NULL,
	"name" text NOT NULL,
	"role" text NOT NULL,
	"centre_ids" text[],
	"password_hash" text,
	"created_at" timestamp with time zone NOT NULL,
	"disabled_at" timestamp with time zone,
	CONSTRAINT "person_email_unique" UNIQUE("email")
);
CREATE TABLE "session" (
	"token_sha256" text PRIMARY KEY NOT NULL,
	"person_id" text NOT NULL,
	"csrf_token" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"last_seen_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"ended_at" timestamp with time zone
);
CREATE TABLE "sign_in_link" (
	"token_sha256" text PRIMARY KEY NOT NULL,
	"person_id" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"used_at" timestamp with time zone
);
CREATE TABLE "task_progress" (
	"id" text PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"done" integer NOT NULL,
	"total" integer NOT NULL,
	"status" text NOT NULL,
	"message" text,
	"started_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL
);
CREATE TABLE "dead_letter" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"received_at" timestamp with time zone NOT NULL,
	"source" text NOT NULL,
	"reason" text NOT NULL,
	"detail" text NOT NULL,
	"payload" "bytea" NOT NULL,
	"payload_bytes" integer NOT NULL,
	"replayed_at" timestamp with time zone
);
CREATE TABLE "gpu_event" (
	"gpu_id" integer NOT NULL,
	"time" timestamp with time zone NOT NULL,
	"kind" text NOT NULL,
	"code" integer NOT NULL,
	"received_at" timestamp with time zone NOT NULL,
	CONSTRAINT "gpu_event_gpu_id_time_kind_pk" PRIMARY KEY("gpu_id","time","kind")
);
CREATE TABLE "gpu_latest" (
	"gpu_id" integer PRIMARY KEY NOT NULL,
	"time" timestamp with time zone NOT NULL,
	"received_at" timestamp with time zone NOT NULL,
	"quality" smallint NOT NULL,
	"power_w" real,
	"temperature_c" real,
	"utilization_percent" real,
	"ecc_double_volatile" double precision,
	"rows_remapped_pending" smallint,
	"last_xid" integer
);
CREATE TABLE "point_latest" (
	"point_id" integer PRIMARY KEY NOT NULL,
	"time" timestamp with time zone NOT NULL,
	"received_at" timestamp with time zone NOT NULL,
	"value" double precision,
	"quality" smallint NOT NULL
);
CREATE TABLE "reading_clock_suspect" (
	"point_id" integer NOT NULL,
	"device_time" timestamp with time zone NOT NULL,
	"received_at" timestamp with time zone NOT NULL,
	"value" double precision,
	CONSTRAINT "reading_clock_suspect_point_id_device_time_pk" PRIMARY KEY("point_id","device_time")
);
CREATE TABLE "reading_correction" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"point_id" integer NOT NULL,
	"time" timestamp with time zone NOT NULL,
	"previous_value" double precision,
	"previous_quality" smallint NOT NULL,
	"previous_received_at" timestamp with time zone NOT NULL,
	"corrected_at" timestamp with time zone NOT NULL
);
CREATE TABLE "source_health" (
	"device_id" text PRIMARY KEY NOT NULL,
	"last_seen_at" timestamp with time zone,
	"last_error_at" timestamp with time zone,
	"last_error" text,
	"messages" bigint DEFAULT 0 NOT NULL,
	"errors" bigint DEFAULT 0 NOT NULL,
	"clock_offset_ms" double precision,
	"stale" boolean DEFAULT false NOT NULL
);
CREATE TABLE "alarm" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"cause" text NOT NULL,
	"rule" text NOT NULL,
	"severity" text NOT NULL,
	"centre_id" text NOT NULL,
	"device_id" text,
	"message" jsonb NOT NULL,
	"opened_at" timestamp with time zone NOT NULL,
	"last_seen_at" timestamp with time zone NOT NULL,
	"closed_at" timestamp with time zone,
	"acknowledged_by" text,
	"acknowledged_at" timestamp with time zone
);
CREATE TABLE "compute_order" (
	"id" text PRIMARY KEY NOT NULL,
	"job_id" text NOT NULL,
	"offer_id" text,
	"mode" text NOT NULL,
	"budget_wei" numeric(78,0),
	"status" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL
);
CREATE TABLE "decision" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"job_id" text NOT NULL,
	"decided_at" timestamp with time zone NOT NULL,
	"inputs" jsonb NOT NULL,
	"outcome" jsonb NOT NULL
);
CREATE TABLE "job" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"tenant" text NOT NULL,
	"submitted_by" text NOT NULL,
	"submitted_at" timestamp with time zone NOT NULL,
	"idempotency_key" text,
	"gpus" integer NOT NULL,
	"gpu_class" text,
	"duration_s" integer NOT NULL,
	"power_per_gpu_w" double precision NOT NULL,
	"release_at" timestamp with time zone NOT NULL,
	"deadline_at" timestamp with time zone NOT NULL,
	"interruptible" boolean DEFAULT false NOT NULL,
	"residency" text[] DEFAULT '{}' NOT NULL,
	"budget_micro_usd" bigint,
	"sla_tier" text DEFAULT 'standard' NOT NULL,
	"priority" integer DEFAULT 0 NOT NULL,
	"policy_id" text NOT NULL,
	"policy_version" integer NOT NULL,
	"workload" jsonb NOT NULL,
	"status" text NOT NULL,
	"status_reason" text,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "job_idempotency_key_unique" UNIQUE("idempotency_key")
);
CREATE TABLE "job_run" (
	"id" text PRIMARY KEY NOT NULL,
	"job_id" text NOT NULL,
	"placement_id" bigint NOT NULL,
	"centre_id" text NOT NULL,
	"gpu_ids" integer[] NOT NULL,
	"engine" text NOT NULL,
	"engine_ref" text,
	"started_at" timestamp with time zone,
	"ended_at" timestamp with time zone,
	"exit_code" integer,
	"output_sha256" text,
	"output_tail" text,
	"gpu_seconds" double precision,
	"it_milli_wh" bigint,
	"energy_method" text,
	"facility_milli_wh" bigint,
	"carbon_location_g" double precision,
	"carbon_contract_g" double precision,
	"cost_micro_usd" bigint
);
CREATE TABLE "offer" (
	"id" text PRIMARY KEY NOT NULL,
	"centre_id" text NOT NULL,
	"gpu_class" text NOT NULL,
	"mode" text NOT NULL,
	"price_wei_per_gpu_hour" numeric(78,0) NOT NULL,
	"floor_wei_per_gpu_hour" numeric(78,0),
	"opens_at" timestamp with time zone NOT NULL,
	"closes_at" timestamp with time zone NOT NULL
);
CREATE TABLE "placement" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"job_id" text NOT NULL,
	"decision_id" bigint NOT NULL,
	"centre_id" text NOT NULL,
	"gpu_ids" integer[] DEFAULT '{}' NOT NULL,
	"planned_start_at" timestamp with time zone NOT NULL,
	"planned_end_at" timestamp with time zone NOT NULL,
	"status" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"released_at" timestamp with time zone
);
CREATE TABLE "policy" (
	"id" text NOT NULL,
	"version" integer NOT NULL,
	"document" jsonb NOT NULL,
	"created_by" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "policy_id_version_pk" PRIMARY KEY("id","version")
);
CREATE TABLE "work_order" (
	"id" text PRIMARY KEY NOT NULL,
	"centre_id" text NOT NULL,
	"device_id" text,
	"alarm_id" bigint,
	"title" text NOT NULL,
	"status" text NOT NULL,
	"opened_at" timestamp with time zone NOT NULL,
	"responded_at" timestamp with time zone,
	"parts_due_at" timestamp with time zone,
	"closed_at" timestamp with time zone
);
ALTER TABLE "device" ADD CONSTRAINT "device_centre_id_centre_id_fk" FOREIGN KEY ("centre_id") REFERENCES "public"."centre"("id") ON DELETE no action ON UPDATE no action;ALTER TABLE "device" ADD CONSTRAINT "device_hall_id_hall_id_fk" FOREIGN KEY ("hall_id") REFERENCES "public"."hall"("id") ON DELETE no action ON UPDATE no action;ALTER TABLE "device" ADD CONSTRAINT "device_rack_id_rack_id_fk" FOREIGN KEY ("rack_id") REFERENCES "public"."rack"("id") ON DELETE no action ON UPDATE no action;ALTER TABLE "device" ADD CONSTRAINT "device_gateway_id_gateway_id_fk" FOREIGN KEY ("gateway_id") REFERENCES "public"."gateway"("id") ON DELETE no action ON UPDATE no action;ALTER TABLE "gateway" ADD CONSTRAINT "gateway_centre_id_centre_id_fk" FOREIGN KEY ("centre_id") REFERENCES "public"."centre"("id") ON DELETE no action ON UPDATE no action;ALTER TABLE "gpu" ADD CONSTRAINT "gpu_rack_id_rack_id_fk" FOREIGN KEY ("rack_id") REFERENCES "public"."rack"("id") ON DELETE no action ON UPDATE no action;ALTER TABLE "hall" ADD CONSTRAINT "hall_centre_id_centre_id_fk" FOREIGN KEY ("centre_id") REFERENCES "public"."centre"("id") ON DELETE no action ON UPDATE no action;ALTER TABLE "point" ADD CONSTRAINT "point_device_id_device_id_fk" FOREIGN KEY ("device_id") REFERENCES "public"."device"("id") ON DELETE no action ON UPDATE no action;ALTER TABLE "rack" ADD CONSTRAINT "rack_centre_id_centre_id_fk" FOREIGN KEY ("centre_id") REFERENCES "public"."centre"("id") ON DELETE no action ON UPDATE no action;ALTER TABLE "rack" ADD CONSTRAINT "rack_hall_id_hall_id_fk" FOREIGN KEY ("hall_id") REFERENCES "public"."hall"("id") ON DELETE no action ON UPDATE no action;ALTER TABLE "session" ADD CONSTRAINT "session_person_id_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;ALTER TABLE "sign_in_link" ADD CONSTRAINT "sign_in_link_person_id_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;ALTER TABLE "compute_order" ADD CONSTRAINT "compute_order_job_id_job_id_fk" FOREIGN KEY ("job_id") REFERENCES "public"."job"("id") ON DELETE no action ON UPDATE no action;ALTER TABLE "decision" ADD CONSTRAINT "decision_job_id_job_id_fk" FOREIGN KEY ("job_id") REFERENCES "public"."job"("id") ON DELETE no action ON UPDATE no action;ALTER TABLE "job_run" ADD CONSTRAINT "job_run_job_id_job_id_fk" FOREIGN KEY ("job_id") REFERENCES "public"."job"("id") ON DELETE no action ON UPDATE no action;ALTER TABLE "job_run" ADD CONSTRAINT "job_run_placement_id_placement_id_fk" FOREIGN KEY ("placement_id") REFERENCES "public"."placement"("id") ON DELETE no action ON UPDATE no action;ALTER TABLE "placement" ADD CONSTRAINT "placement_job_id_job_id_fk" FOREIGN KEY ("job_id") REFERENCES "public"."job"("id") ON DELETE no action ON UPDATE no action;ALTER TABLE "placement" ADD CONSTRAINT "placement_decision_id_decision_id_fk" FOREIGN KEY ("decision_id") REFERENCES "public"."decision"("id") ON DELETE no action ON UPDATE no action;CREATE INDEX "chain_log_block" ON "chain_log" USING btree ("block_number");CREATE INDEX "chain_log_event" ON "chain_log" USING btree ("contract","event");CREATE INDEX "settlement_status" ON "settlement" USING btree ("status");CREATE UNIQUE INDEX "settlement_epoch_tx" ON "settlement_epoch" USING btree ("tx_hash");CREATE INDEX "token_flow_block" ON "token_flow" USING btree ("block_number");CREATE INDEX "energy_ledger_hour" ON "energy_ledger" USING btree ("hour");CREATE INDEX "device_centre" ON "device" USING btree ("centre_id");CREATE INDEX "device_rack" ON "device" USING btree ("rack_id");CREATE INDEX "audit_log_at" ON "audit_log" USING btree ("at");CREATE INDEX "session_person" ON "session" USING btree ("person_id");CREATE INDEX "reading_correction_key" ON "reading_correction" USING btree ("point_id","time");CREATE UNIQUE INDEX "alarm_open" ON "alarm" USING btree ("cause") WHERE closed_at is null;CREATE INDEX "alarm_centre" ON "alarm" USING btree ("centre_id");CREATE INDEX "decision_job" ON "decision" USING btree ("job_id","decided_at");CREATE INDEX "job_status" ON "job" USING btree ("status");CREATE INDEX "job_run_job" ON "job_run" USING btree ("job_id");CREATE UNIQUE INDEX "placement_open" ON "placement" USING btree ("job_id") WHERE status <> 'released';CREATE INDEX "placement_centre" ON "placement" USING btree ("centre_id","status");