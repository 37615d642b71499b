-- Who wrote a version of a configuration file (its owner, or whoever restored it), and why. The row's
-- hash leaves nulls out, so the rows before stay as the chain knows them.
ALTER TABLE "config_version" ADD COLUMN "author" TEXT, ADD COLUMN "note" TEXT;
