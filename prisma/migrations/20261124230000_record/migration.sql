-- CreateTable
CREATE TABLE "study" (
    "id" BIGSERIAL NOT NULL,
    "archive" TEXT NOT NULL,
    "study_instance_uid" TEXT NOT NULL,
    "patient_name" TEXT,
    "patient_id" TEXT,
    "accession_number" TEXT,
    "study_date" TEXT,
    "description" TEXT,
    "modalities" TEXT[],
    "series_count" INTEGER NOT NULL DEFAULT 0,
    "instance_count" INTEGER NOT NULL DEFAULT 0,
    "outcome" TEXT NOT NULL,
    "reasons" JSONB NOT NULL,
    "sequences" TEXT[],
    "revision" INTEGER NOT NULL DEFAULT 0,
    "refusal" JSONB,
    "search_text" TEXT NOT NULL,
    "observed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "decided_at" TIMESTAMPTZ(3),

    CONSTRAINT "study_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "study_revision" (
    "id" BIGSERIAL NOT NULL,
    "study_id" BIGINT NOT NULL,
    "revision" INTEGER NOT NULL,
    "fingerprint" TEXT NOT NULL,
    "listing" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "study_revision_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "revision_headers" (
    "revision_id" BIGINT NOT NULL,
    "headers" JSONB NOT NULL,

    CONSTRAINT "revision_headers_pkey" PRIMARY KEY ("revision_id")
);

-- CreateTable
CREATE TABLE "series" (
    "id" BIGSERIAL NOT NULL,
    "study_id" BIGINT NOT NULL,
    "series_instance_uid" TEXT NOT NULL,
    "modality" TEXT,
    "number" TEXT,
    "description" TEXT,
    "instance_count" INTEGER NOT NULL,
    "present" BOOLEAN NOT NULL DEFAULT true,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "series_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "config_version" (
    "id" BIGSERIAL NOT NULL,
    "kind" TEXT NOT NULL,
    "version" TEXT NOT NULL,
    "sha256" TEXT NOT NULL,
    "text" TEXT NOT NULL,
    "accepted" BOOLEAN NOT NULL,
    "error" JSONB,
    "active_from" TIMESTAMPTZ(3) NOT NULL,
    "by_kind" TEXT NOT NULL,
    "by_name" TEXT NOT NULL,
    "by_host" TEXT NOT NULL,

    CONSTRAINT "config_version_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "decision" (
    "id" BIGSERIAL NOT NULL,
    "study_id" BIGINT NOT NULL,
    "revision_id" BIGINT NOT NULL,
    "rule_set_version" TEXT NOT NULL,
    "sequences_version" TEXT NOT NULL,
    "targets" JSONB NOT NULL,
    "identities" TEXT[],
    "sha256" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "decision_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "verdict" (
    "id" BIGSERIAL NOT NULL,
    "decision_id" BIGINT NOT NULL,
    "series_instance_uid" TEXT NOT NULL,
    "sequence" TEXT NOT NULL,
    "confidence" DOUBLE PRECISION NOT NULL,
    "taken" BOOLEAN NOT NULL,
    "rule" TEXT,
    "reason" TEXT NOT NULL,
    "match" JSONB,
    "rules" JSONB NOT NULL,

    CONSTRAINT "verdict_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "job" (
    "id" UUID NOT NULL,
    "study_id" BIGINT NOT NULL,
    "decision_id" BIGINT NOT NULL,
    "series_instance_uid" TEXT NOT NULL,
    "stack_id" TEXT NOT NULL,
    "sequence" TEXT NOT NULL,
    "target" JSONB NOT NULL,
    "identity" TEXT NOT NULL,
    "run" INTEGER NOT NULL,
    "state" TEXT NOT NULL,
    "model" TEXT NOT NULL,
    "model_version" TEXT NOT NULL,
    "model_hash" TEXT,
    "settings" JSONB NOT NULL,
    "settings_sha256" TEXT NOT NULL,
    "priority" TEXT NOT NULL,
    "progress" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "step" TEXT,
    "reasons" JSONB NOT NULL,
    "error_code" TEXT,
    "error_message" TEXT,
    "error_next" TEXT,
    "error_class" TEXT,
    "encoding" JSONB,
    "findings_unit" TEXT,
    "gate_level" TEXT,
    "work_item_uid" TEXT,
    "transaction_uid" TEXT,
    "lease_owner" TEXT,
    "lease_until" TIMESTAMPTZ(3),
    "heartbeat_at" TIMESTAMPTZ(3),
    "available_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "host" TEXT,
    "device" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "job_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "job_labels" (
    "job_id" UUID NOT NULL,
    "bytes" BYTEA NOT NULL,
    "sha256" TEXT NOT NULL,
    "encoding" TEXT NOT NULL,
    "shape" INTEGER[],
    "structures" JSONB NOT NULL,
    "run" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "job_labels_pkey" PRIMARY KEY ("job_id")
);

-- CreateTable
CREATE TABLE "job_step" (
    "id" BIGSERIAL NOT NULL,
    "job_id" UUID NOT NULL,
    "step" TEXT NOT NULL,
    "attempt" INTEGER NOT NULL,
    "state" TEXT NOT NULL,
    "host" TEXT NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),
    "seconds" DOUBLE PRECISION,
    "artifact_name" TEXT,
    "artifact_sha256" TEXT,
    "artifact_bytes" BIGINT,
    "error_code" TEXT,
    "error_message" TEXT,
    "error_next" TEXT,

    CONSTRAINT "job_step_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "model" (
    "id" BIGSERIAL NOT NULL,
    "name" TEXT NOT NULL,
    "version" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "card" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "model_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "result" (
    "id" BIGSERIAL NOT NULL,
    "job_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "sop_class_uid" TEXT NOT NULL,
    "sop_instance_uid" TEXT NOT NULL,
    "series_instance_uid" TEXT NOT NULL,
    "bytes" INTEGER NOT NULL,
    "sha256" TEXT NOT NULL,
    "archive" TEXT NOT NULL,
    "status" INTEGER,
    "verified" BOOLEAN NOT NULL,
    "verification" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "result_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "own_uid" (
    "uid" TEXT NOT NULL,
    "level" TEXT NOT NULL,
    "job_id" UUID NOT NULL,

    CONSTRAINT "own_uid_pkey" PRIMARY KEY ("uid")
);

-- CreateTable
CREATE TABLE "finding" (
    "id" BIGSERIAL NOT NULL,
    "job_id" UUID NOT NULL,
    "label" INTEGER NOT NULL,
    "structure" TEXT NOT NULL,
    "voxels" BIGINT NOT NULL,
    "volume_ml" DOUBLE PRECISION NOT NULL,
    "unit" TEXT NOT NULL,
    "mean" DOUBLE PRECISION,
    "sd" DOUBLE PRECISION,
    "median" DOUBLE PRECISION,
    "minimum" DOUBLE PRECISION,
    "maximum" DOUBLE PRECISION,
    "truncated" BOOLEAN NOT NULL,
    "centroid" DOUBLE PRECISION[],

    CONSTRAINT "finding_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "gate_verdict" (
    "id" BIGSERIAL NOT NULL,
    "job_id" UUID NOT NULL,
    "check" TEXT NOT NULL,
    "level" TEXT NOT NULL,
    "structure" TEXT,
    "message" TEXT NOT NULL,

    CONSTRAINT "gate_verdict_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "audit_event" (
    "seq" BIGINT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "actor_kind" TEXT NOT NULL,
    "actor_name" TEXT NOT NULL,
    "actor_host" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "entity" TEXT NOT NULL,
    "entity_id" TEXT NOT NULL,
    "payload" JSONB NOT NULL,
    "previous_hash" TEXT NOT NULL,
    "hash" TEXT NOT NULL,

    CONSTRAINT "audit_event_pkey" PRIMARY KEY ("seq")
);

-- CreateTable
CREATE TABLE "audit_head" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "seq" BIGINT NOT NULL,
    "hash" TEXT NOT NULL,

    CONSTRAINT "audit_head_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "archive_cursor" (
    "archive" TEXT NOT NULL,
    "cursor" JSONB NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "archive_cursor_pkey" PRIMARY KEY ("archive")
);

-- CreateTable
CREATE TABLE "intake_look" (
    "archive" TEXT NOT NULL,
    "study_instance_uid" TEXT NOT NULL,
    "fingerprint" TEXT NOT NULL,
    "since" TIMESTAMPTZ(3) NOT NULL,
    "looks" INTEGER NOT NULL,
    "row" TEXT,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "intake_look_pkey" PRIMARY KEY ("archive", "study_instance_uid")
);

-- CreateTable
CREATE TABLE "lease" (
    "name" TEXT NOT NULL,
    "owner" TEXT NOT NULL,
    "acquired_at" TIMESTAMPTZ(3) NOT NULL,
    "until" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "lease_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "app_user" (
    "id" BIGSERIAL NOT NULL,
    "name" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "password_hash" TEXT,
    "disabled_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "app_user_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "session" (
    "id" BIGSERIAL NOT NULL,
    "token_sha256" TEXT NOT NULL,
    "user_id" BIGINT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "session_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "api_token" (
    "id" BIGSERIAL NOT NULL,
    "token_sha256" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "user_id" BIGINT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "api_token_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sign_in_link" (
    "id" BIGSERIAL NOT NULL,
    "token_sha256" TEXT NOT NULL,
    "user_id" BIGINT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "used_at" TIMESTAMPTZ(3),

    CONSTRAINT "sign_in_link_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "correction" (
    "id" BIGSERIAL NOT NULL,
    "job_id" UUID NOT NULL,
    "archive" TEXT NOT NULL,
    "study_instance_uid" TEXT NOT NULL,
    "series_instance_uid" TEXT NOT NULL,
    "sop_instance_uid" TEXT NOT NULL,
    "sha256" TEXT NOT NULL,
    "author" TEXT,
    "seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "correction_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "study_archive_study_instance_uid_key" ON "study"("archive", "study_instance_uid");

-- CreateIndex
CREATE INDEX "study_study_instance_uid_idx" ON "study"("study_instance_uid");

-- CreateIndex
CREATE INDEX "study_newest" ON "study"("observed_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "study_outcome_newest" ON "study"("outcome", "observed_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "study_archive_newest" ON "study"("archive", "observed_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "study_sequences" ON "study" USING GIN ("sequences");

-- CreateIndex
CREATE UNIQUE INDEX "study_revision_study_id_revision_key" ON "study_revision"("study_id", "revision");

-- CreateIndex
CREATE UNIQUE INDEX "series_study_id_series_instance_uid_key" ON "series"("study_id", "series_instance_uid");

-- CreateIndex
CREATE INDEX "series_series_instance_uid_idx" ON "series"("series_instance_uid");

-- CreateIndex
CREATE INDEX "config_version_kind_id_idx" ON "config_version"("kind", "id" DESC);

-- CreateIndex
CREATE INDEX "config_version_kind_version_idx" ON "config_version"("kind", "version");

-- CreateIndex
CREATE UNIQUE INDEX "decision_revision_id_sha256_key" ON "decision"("revision_id", "sha256");

-- CreateIndex
CREATE INDEX "decision_study_id_id_idx" ON "decision"("study_id", "id" DESC);

-- CreateIndex
CREATE INDEX "decision_created_at_id_idx" ON "decision"("created_at", "id");

-- CreateIndex
CREATE UNIQUE INDEX "verdict_decision_id_series_instance_uid_key" ON "verdict"("decision_id", "series_instance_uid");

-- CreateIndex
CREATE UNIQUE INDEX "job_identity_run_key" ON "job"("identity", "run");

-- CreateIndex
CREATE INDEX "job_study_id_idx" ON "job"("study_id");

-- CreateIndex
CREATE INDEX "job_decision_id_idx" ON "job"("decision_id");

-- CreateIndex
CREATE INDEX "job_state_lease_until_idx" ON "job"("state", "lease_until");

-- CreateIndex
CREATE UNIQUE INDEX "job_step_job_id_step_attempt_key" ON "job_step"("job_id", "step", "attempt");

-- CreateIndex
CREATE UNIQUE INDEX "model_name_version_hash_key" ON "model"("name", "version", "hash");

-- CreateIndex
CREATE INDEX "result_job_id_idx" ON "result"("job_id");

-- CreateIndex
CREATE UNIQUE INDEX "finding_job_id_label_key" ON "finding"("job_id", "label");

-- CreateIndex
CREATE INDEX "gate_verdict_job_id_idx" ON "gate_verdict"("job_id");

-- CreateIndex
CREATE INDEX "audit_event_entity_entity_id_seq_idx" ON "audit_event"("entity", "entity_id", "seq");

-- CreateIndex
CREATE UNIQUE INDEX "app_user_name_key" ON "app_user"("name");

-- CreateIndex
CREATE UNIQUE INDEX "session_token_sha256_key" ON "session"("token_sha256");

-- CreateIndex
CREATE INDEX "session_user_id_idx" ON "session"("user_id");

-- CreateIndex
CREATE UNIQUE INDEX "api_token_token_sha256_key" ON "api_token"("token_sha256");

-- CreateIndex
CREATE INDEX "api_token_user_id_idx" ON "api_token"("user_id");

-- CreateIndex
CREATE UNIQUE INDEX "sign_in_link_token_sha256_key" ON "sign_in_link"("token_sha256");

-- CreateIndex
CREATE INDEX "sign_in_link_user_id_idx" ON "sign_in_link"("user_id");

-- CreateIndex
CREATE UNIQUE INDEX "correction_archive_sop_instance_uid_key" ON "correction"("archive", "sop_instance_uid");

-- CreateIndex
CREATE INDEX "correction_job_id_idx" ON "correction"("job_id");

-- AddForeignKey
ALTER TABLE "study_revision" ADD CONSTRAINT "study_revision_study_id_fkey" FOREIGN KEY ("study_id") REFERENCES "study"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "revision_headers" ADD CONSTRAINT "revision_headers_revision_id_fkey" FOREIGN KEY ("revision_id") REFERENCES "study_revision"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "series" ADD CONSTRAINT "series_study_id_fkey" FOREIGN KEY ("study_id") REFERENCES "study"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "decision" ADD CONSTRAINT "decision_study_id_fkey" FOREIGN KEY ("study_id") REFERENCES "study"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "decision" ADD CONSTRAINT "decision_revision_id_fkey" FOREIGN KEY ("revision_id") REFERENCES "study_revision"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "verdict" ADD CONSTRAINT "verdict_decision_id_fkey" FOREIGN KEY ("decision_id") REFERENCES "decision"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "job" ADD CONSTRAINT "job_study_id_fkey" FOREIGN KEY ("study_id") REFERENCES "study"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "job" ADD CONSTRAINT "job_decision_id_fkey" FOREIGN KEY ("decision_id") REFERENCES "decision"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "job_labels" ADD CONSTRAINT "job_labels_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "job"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "job_step" ADD CONSTRAINT "job_step_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "job"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "result" ADD CONSTRAINT "result_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "job"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "own_uid" ADD CONSTRAINT "own_uid_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "job"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "finding" ADD CONSTRAINT "finding_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "job"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "gate_verdict" ADD CONSTRAINT "gate_verdict_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "job"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "session" ADD CONSTRAINT "session_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "app_user"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "api_token" ADD CONSTRAINT "api_token_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "app_user"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sign_in_link" ADD CONSTRAINT "sign_in_link_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "app_user"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "correction" ADD CONSTRAINT "correction_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "job"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
