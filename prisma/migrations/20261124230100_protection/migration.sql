-- What the Prisma schema cannot say: one live run a target, search inside text, and the refusal to
-- change or remove rows that matter (design §6 guarantee 7).

-- One live run per target (design §7).
CREATE UNIQUE INDEX "job_one_live_run" ON "job"("identity") WHERE "state" IN ('queued', 'running');

-- The sweeps for live jobs and the queue's missing ones read live jobs only.
CREATE INDEX "job_live" ON "job"("study_id") WHERE "state" IN ('queued', 'running');

-- Any part of a name, number or description, in any case.
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE INDEX "study_search_text" ON "study" USING GIN ("search_text" gin_trgm_ops);
-- Enough samples to know rare search words from common ones: the choice of the index hangs on it.
ALTER TABLE "study" ALTER COLUMN "search_text" SET STATISTICS 1000;

-- Words that the code relies on.
ALTER TABLE "study" ADD CONSTRAINT "study_outcome_known" CHECK ("outcome" IN
    ('running', 'stored', 'stored-with-refusals', 'nothing-to-do', 'held', 'failed'));
ALTER TABLE "job" ADD CONSTRAINT "job_state_known" CHECK ("state" IN
    ('queued', 'running', 'stored', 'held', 'refused', 'failed', 'cancelled'));
ALTER TABLE "app_user" ADD CONSTRAINT "app_user_role_known" CHECK ("role" IN
    ('admin', 'auditor', 'radiologist'));
ALTER TABLE "audit_head" ADD CONSTRAINT "audit_head_single" CHECK ("id" = 1);

-- The chain begins here.
INSERT INTO "audit_head" ("id", "seq", "hash") VALUES (1, 0, repeat('0', 64));

CREATE FUNCTION "situs_refuse_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are append-only: % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'SI001', HINT = 'Situs never changes or removes these rows; the audit chain would show it.';
END
$$;

DO $$
DECLARE
    protected text;
BEGIN
    FOREACH protected IN ARRAY ARRAY[
        'audit_event', 'study_revision', 'revision_headers', 'config_version', 'decision',
        'verdict', 'result', 'finding', 'gate_verdict'
    ] LOOP
        EXECUTE format('CREATE TRIGGER situs_append_only BEFORE UPDATE OR DELETE ON %I '
            'FOR EACH ROW EXECUTE FUNCTION situs_refuse_change()', protected);
        EXECUTE format('CREATE TRIGGER situs_append_only_all BEFORE TRUNCATE ON %I '
            'FOR EACH STATEMENT EXECUTE FUNCTION situs_refuse_change()', protected);
    END LOOP;
END
$$;
