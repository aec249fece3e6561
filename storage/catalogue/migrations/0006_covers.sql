-- QR codes and barcodes were looked for on the pages of this reading, besides its words.
ALTER TABLE readings ADD COLUMN codes {int} NOT NULL DEFAULT 0;

CREATE TABLE page_codes (
	reading_id {int} NOT NULL REFERENCES readings (id),
	number     {int} NOT NULL, -- of the page, from 1
	position   {int} NOT NULL, -- on it, from the top
	kind       {text} NOT NULL, -- qr or code128
	value      {text} NOT NULL,
	x0         {int} NOT NULL,
	y0         {int} NOT NULL,
	x1         {int} NOT NULL,
	y1         {int} NOT NULL,
	PRIMARY KEY (reading_id, number, position)
);

-- Papers that are a feeder's scan with cover sheets, to be split into papers of their dossiers.
CREATE TABLE batches (
	paper_id {int} PRIMARY KEY REFERENCES papers (id),
	reach    {text} NOT NULL, -- of who handed it in: no page of it goes further
	split_at {int} -- NULL: not yet
);

-- What became of a batch: its pages, run by run, in their order.
CREATE TABLE batch_parts (
	batch_id   {int} NOT NULL REFERENCES batches (paper_id),
	position   {int} NOT NULL, -- from 1
	cover      {int} NOT NULL, -- the page that is its cover sheet; 0: none
	first_page {int} NOT NULL, -- 0 for a cover sheet behind which there is nothing
	last_page  {int} NOT NULL,
	dossier_id {int} NOT NULL REFERENCES dossiers (id),
	kind       {text} NOT NULL,
	component  {text} NOT NULL,
	reason     {text} NOT NULL, -- why an officer should look at it; empty: no reason to
	paper_id   {int} REFERENCES papers (id), -- what was made of it
	PRIMARY KEY (batch_id, position)
);

-- What cover sheets are made and checked with: one row, made when it is first needed.
CREATE TABLE cover_keys (
	id    {int} PRIMARY KEY,
	value {text} NOT NULL -- hex
);

-- Whether an officer should look at a paper besides what its reading says: 0 as that says; 1 always, since a batch did not say where
-- it belongs; 2 not, since recognition was sure of this part of its scan.
ALTER TABLE papers ADD COLUMN look {int} NOT NULL DEFAULT 0;
