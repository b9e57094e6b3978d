CREATE TABLE "served_definitions" (
	"file" text PRIMARY KEY NOT NULL,
	"hash" text NOT NULL,
	"served_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "events" ADD COLUMN "waits_for" text[];--> statement-breakpoint
ALTER TABLE "served_definitions" ADD CONSTRAINT "served_definitions_hash_definitions_hash_fk" FOREIGN KEY ("hash") REFERENCES "public"."definitions"("hash") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "events_waiting" ON "events" USING btree ("id") WHERE state = 'waiting';