-- What the reader found of fields on the pages of scans, by the reading that is shown. Papers take theirs from here.
CREATE TABLE found_fields (
	sha256     {text} NOT NULL REFERENCES scans (sha256),
	number     {int} NOT NULL, -- of the page in the scan, from 1
	name       {text} NOT NULL,
	value      {text} NOT NULL, -- as it is printed; empty: there is a place for it, and nothing on it that can be read
	normal     {text} NOT NULL, -- in the form in which it is compared
	confidence {real} NOT NULL, -- 0 to 100
	origin     {text} NOT NULL, -- recognized, or code
	differs    {text} NOT NULL, -- what the page's words say where a code says otherwise
	x0         {int} NOT NULL,
	y0         {int} NOT NULL,
	x1         {int} NOT NULL,
	y1         {int} NOT NULL,
	PRIMARY KEY (sha256, number, name)
);
