DROP INDEX "attempts_delivery";--> statement-breakpoint
DROP INDEX "deliveries_started";--> statement-breakpoint
ALTER TABLE "attempts" ALTER COLUMN "duration_ms" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "deliveries" ADD COLUMN "in_doubt" smallint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "deliveries" ADD COLUMN "attempting_since" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "deliveries" ADD COLUMN "due_at" timestamp with time zone;--> statement-breakpoint
CREATE INDEX "deliveries_started" ON "deliveries" USING btree ("due_at") WHERE state = 'started';--> statement-breakpoint
ALTER TABLE "attempts" ADD CONSTRAINT "attempts_delivery_number" UNIQUE("delivery","number");