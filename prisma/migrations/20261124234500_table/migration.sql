-- The processed-study table by any filter within 100 ms at a million studies (design §10). An array
-- column cannot be read in the table's order, so each sequence of a study gets a row of its own
-- that carries what the table filters and sorts by.

-- CreateTable
CREATE TABLE "study_sequence" (
    "study_id" BIGINT NOT NULL,
    "sequence" TEXT NOT NULL,
    "archive" TEXT NOT NULL,
    "outcome" TEXT NOT NULL,
    "observed_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "study_sequence_pkey" PRIMARY KEY ("study_id", "sequence")
);

-- CreateIndex
CREATE INDEX "study_sequence_newest" ON "study_sequence"("sequence", "observed_at" DESC, "study_id" DESC);

-- CreateIndex
CREATE INDEX "study_sequence_outcome_newest" ON "study_sequence"("sequence", "outcome", "observed_at" DESC, "study_id" DESC);

-- CreateIndex
CREATE INDEX "study_sequence_archive_newest" ON "study_sequence"("sequence", "archive", "observed_at" DESC, "study_id" DESC);

-- CreateIndex
CREATE INDEX "study_archive_outcome_newest" ON "study"("archive", "outcome", "observed_at" DESC, "id" DESC);

-- AddForeignKey
ALTER TABLE "study_sequence" ADD CONSTRAINT "study_sequence_study_id_fkey" FOREIGN KEY ("study_id") REFERENCES "study"("id") ON DELETE CASCADE ON UPDATE CASCADE;

DROP INDEX "study_sequences";

-- UIDs are looked up from their beginning: their digits are in every row, which is poison for trigrams.
CREATE INDEX "study_instance_uid_prefix" ON "study"("study_instance_uid" text_pattern_ops);

-- Kept by the database, so that no write can forget it.
CREATE FUNCTION "situs_study_sequences"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF (NEW.sequences, NEW.outcome, NEW.archive, NEW.observed_at)
            IS NOT DISTINCT FROM (OLD.sequences, OLD.outcome, OLD.archive, OLD.observed_at) THEN
            RETURN NULL;
        END IF;
        DELETE FROM study_sequence WHERE study_id = NEW.id AND sequence <> ALL (NEW.sequences);
    END IF;
    INSERT INTO study_sequence (study_id, sequence, archive, outcome, observed_at)
    SELECT DISTINCT NEW.id, s, NEW.archive, NEW.outcome, NEW.observed_at FROM unnest(NEW.sequences) s
    ON CONFLICT (study_id, sequence) DO UPDATE SET
        archive = excluded.archive, outcome = excluded.outcome, observed_at = excluded.observed_at;
    RETURN NULL;
END
$$;
CREATE TRIGGER "situs_study_sequences" AFTER INSERT OR UPDATE ON "study"
    FOR EACH ROW EXECUTE FUNCTION situs_study_sequences();

INSERT INTO "study_sequence" ("study_id", "sequence", "archive", "outcome", "observed_at")
SELECT DISTINCT "id", s, "archive", "outcome", "observed_at" FROM "study", unnest("sequences") s;
UPDATE "study" SET "search_text" = rtrim(replace("search_text", lower("study_instance_uid"), ''));
