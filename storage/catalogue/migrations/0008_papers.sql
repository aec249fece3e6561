-- The pages that a paper may be arranged of: those that it was made of, where it is a part of a scan, and those of papers that were
-- joined to it. One that was handed in as its whole scan may have all of that besides.
CREATE TABLE own_pages (
	paper_id {int} NOT NULL REFERENCES papers (id),
	sha256   {text} NOT NULL REFERENCES scans (sha256),
	number   {int} NOT NULL, -- in the scan, from 1
	PRIMARY KEY (paper_id, sha256, number)
);

-- Of papers that are there already it is only known what they show.
INSERT INTO own_pages (paper_id, sha256, number)
	SELECT DISTINCT o.paper_id, o.sha256, o.number FROM paper_pages o JOIN papers p ON p.id = o.paper_id
	WHERE p.part <> '' OR o.sha256 <> p.sha256;

-- How often what a paper shows was changed, by anybody: what an approval is compared with.
ALTER TABLE papers ADD COLUMN edition {int} NOT NULL DEFAULT 0;

-- Why somebody took a paper back that was handed in wrongly; empty: nobody did.
ALTER TABLE papers ADD COLUMN taken_back {text} NOT NULL DEFAULT '';
