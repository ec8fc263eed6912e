-- Mails are found by the words of who they went to (kernel/search); nobody looks
-- through the mails themselves any more.
ALTER TABLE mails DROP COLUMN to_key;
ALTER TABLE mails DROP COLUMN subject_key;
