-- Why: the release before knows no shared views; they are lost.
-- Locks: ACCESS EXCLUSIVE on views, which goes.
DROP TABLE views;
