CREATE TABLE "rejection_counts" (
	"day" date NOT NULL,
	"source" text NOT NULL,
	"reason" text NOT NULL,
	"count" bigint NOT NULL,
	CONSTRAINT "rejection_counts_day_source_reason_pk" PRIMARY KEY("day","source","reason")
);
--> statement-breakpoint
CREATE TABLE "rejections" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "rejections_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"at" timestamp with time zone NOT NULL,
	"source" text NOT NULL,
	"reason" text NOT NULL,
	"status" smallint NOT NULL,
	"address" text NOT NULL,
	"bytes" integer NOT NULL,
	"header_names" text[] NOT NULL
);
--> statement-breakpoint
ALTER TABLE "events" ADD COLUMN "headers" json;--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "raw" "bytea";--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "content_type" text DEFAULT 'application/json' NOT NULL;--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "headers" json;--> statement-breakpoint
CREATE INDEX "rejections_at" ON "rejections" USING btree ("at");