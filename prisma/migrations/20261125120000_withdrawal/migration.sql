-- CreateTable
CREATE TABLE "withdrawal" (
    "id" BIGSERIAL NOT NULL,
    "job_id" UUID NOT NULL,
    "sop_instance_uid" TEXT NOT NULL,
    "archive" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "text" TEXT NOT NULL,
    "note_uid" TEXT,
    "still_shown" BOOLEAN,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "withdrawal_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "withdrawal_job_id_idx" ON "withdrawal"("job_id");

-- AddForeignKey
ALTER TABLE "withdrawal" ADD CONSTRAINT "withdrawal_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "job"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- Append-only, as every row that says what became of a result (design §6 guarantee 7).
ALTER TABLE "withdrawal" ADD CONSTRAINT "withdrawal_reason_known" CHECK ("reason" IN ('quality', 'safety'));
CREATE TRIGGER situs_append_only BEFORE UPDATE OR DELETE ON "withdrawal"
    FOR EACH ROW EXECUTE FUNCTION situs_refuse_change();
CREATE TRIGGER situs_append_only_all BEFORE TRUNCATE ON "withdrawal"
    FOR EACH STATEMENT EXECUTE FUNCTION situs_refuse_change();
