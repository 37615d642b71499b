-- What an archive warned of when it stored a result. The row's hash leaves nulls out, so the rows before
-- stay as the chain knows them.
ALTER TABLE "result" ADD COLUMN "warning" TEXT;
