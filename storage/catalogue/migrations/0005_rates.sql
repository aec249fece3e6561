-- What each dossier counts as in the digitization rates: facts.go. changed is by what a process that has counted before finds
-- what changed since: on PostgreSQL the transaction's number, on SQLite one that each transaction makes greater.
CREATE TABLE dossier_facts (
	dossier_id     {int} PRIMARY KEY REFERENCES dossiers (id),
	agency_id      {int} NOT NULL,
	procedure_code {text} NOT NULL, -- empty where it is not known
	received       {int} NOT NULL, -- 20260331; 0 where it is not known
	resolved       {int} NOT NULL, -- the same
	state          {int} NOT NULL,
	marks          {int} NOT NULL, -- which papers are there, were read, were approved
	changed        {int} NOT NULL
);
CREATE INDEX dossier_facts_changed ON dossier_facts (changed);

INSERT INTO dossier_facts (dossier_id, agency_id, procedure_code, received, resolved, state, marks, changed)
SELECT d.id, d.agency_id, coalesce(d.procedure_code, ''),
	CASE WHEN d.received_on IS NOT NULL THEN CAST(replace(d.received_on, '-', '') AS BIGINT)
		WHEN substr(ltrim(d.code, 'HG.0123456789'), 4, 2) BETWEEN '01' AND '12' AND substr(ltrim(d.code, 'HG.0123456789'), 6, 2) BETWEEN '01' AND '31'
		THEN CAST('20' || substr(ltrim(d.code, 'HG.0123456789'), 2, 6) AS BIGINT) ELSE 0 END,
	coalesce(CAST(replace(d.resolved_on, '-', '') AS BIGINT), 0), d.state,
	coalesce((SELECT max(CASE WHEN p.kind = 'component' THEN 1 ELSE 0 END)
		+ max(CASE WHEN p.kind = 'component' AND s.current_reading IS NOT NULL THEN 2 ELSE 0 END)
		+ max(CASE WHEN p.kind = 'component' AND s.current_reading IS NOT NULL AND p.approved_at IS NOT NULL THEN 4 ELSE 0 END)
		+ max(CASE WHEN p.kind = 'result' THEN 8 ELSE 0 END)
		+ max(CASE WHEN p.kind = 'result' AND s.current_reading IS NOT NULL THEN 16 ELSE 0 END)
		+ max(CASE WHEN p.kind = 'result' AND s.current_reading IS NOT NULL AND p.approved_at IS NOT NULL THEN 32 ELSE 0 END)
		+ max(CASE WHEN p.kind = 'component' AND p.reused = 1 THEN 64 ELSE 0 END)
		+ max(CASE WHEN p.kind = 'component' AND p.reused = 1 AND s.current_reading IS NOT NULL THEN 128 ELSE 0 END)
		+ max(CASE WHEN p.kind = 'component' AND p.reused = 1 AND s.current_reading IS NOT NULL AND p.approved_at IS NOT NULL THEN 256 ELSE 0 END)
		FROM papers p JOIN scans s ON s.sha256 = p.sha256 WHERE p.dossier_id = d.id AND p.removed_at IS NULL), 0), 0
FROM dossiers d;

-- What sources dispute: which states count, and the targets; one row, as JSON. Without it ratesettings.go says.
CREATE TABLE rate_settings (
	id         {int} PRIMARY KEY CHECK (id = 1),
	value      {text} NOT NULL,
	changed_at {int} NOT NULL
);
