-- CreateTable
CREATE TABLE "job_preview" (
    "job_id" UUID NOT NULL,
    "bytes" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "job_preview_pkey" PRIMARY KEY ("job_id")
);

-- AddForeignKey
ALTER TABLE "job_preview" ADD CONSTRAINT "job_preview_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "job"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
