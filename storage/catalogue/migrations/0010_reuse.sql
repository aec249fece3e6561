-- Papers that somebody has handed in before are found by their owner.
CREATE INDEX dossiers_owner ON dossiers (owner_number);
