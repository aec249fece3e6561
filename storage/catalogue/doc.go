// Package catalogue keeps the records: which agency received which dossier, which papers belong to it, what is being read,
// what was read and who may see it. It is the truth about work: the queue only carries it, so a queue that is lost loses
// nothing. It knows no images and no HTTP.
//
// A tour:
//
//   - catalogue.go: Catalogue, how it is opened; reading and writing in transactions.
//   - sqlite.go, postgres.go: the two engines, one file each: how they connect. sqlite_verdict.go: what SQLite's errors mean;
//     fts5.go: whether it was built with full-text search.
//   - migrate.go and migrations/: the tables, and how they come to be.
//   - errors.go: what can go wrong, told apart.
//   - agency.go, procedure.go, dossier.go: whom a paper belongs to. finddossier.go: a dossier that somebody begins to type;
//     dossierlist.go: very many dossiers at once, the denominator of the rates.
//   - paper.go: the papers of a dossier and how far they are. intake.go: handing one in.
//   - reading.go: the work on a scan, step by step, as the queue's handlers do it; retry.go: once more after it failed. due.go: work that
//     nobody does, for the sweeper. garbage.go: what objects belong to no row.
//   - fields.go: what an officer or the reader says of a paper. approve.go: that an officer has looked at it.
//   - correct.go: the words of a page as officers corrected them, kept beside what was read; mend.go: how a page's words change,
//     and how a correction is carried to the next reading. arrange.go: the pages of a paper turned and ordered; parts.go: split off and
//     joined; own.go: which pages it may have. refile.go: a paper that was handed in wrongly.
//     reuse.go: one that is held already, by its owner, type and number.
//   - batch.go: a feeder's scan with cover sheets, and what becomes of it; batchparts.go: where it is cut. Package cover: what
//     stands on a cover sheet.
//   - rates.go: the digitization rates, the one place where they are computed, and the dossiers behind each number; ratecut.go:
//     a question about them made ready; rateperiods.go: by day, month, quarter or year; ratecompare.go: beside another period; facts.go: what
//     each dossier counts as, kept with it; factbook.go: all of that in memory; ratesettings.go: what sources dispute of them.
//   - settings.go: settings that are data, as they are kept; readingsettings.go: when somebody should look at what was read.
//   - user.go, token.go: who may do what. audit.go: who did what. holdings.go: how much is kept.
//   - signin.go: signing in, and what becomes of who tries; session.go: who is signed in; browser.go: where; account.go: passwords and the accounts as IT
//     sees them; factor.go: the second factor, and seal.go, how its secret is kept; identity.go: OpenID Connect. Package password
//     hashes and judges passwords.
//   - search.go: finding a page by its words; query.go: what was typed, made ready; finder.go: how each engine finds; place.go: how a search goes on; snippet.go:
//     what is shown of a hit. tokens.go: what a page is found by; index.go: how it comes to be findable; wordboxes.go: where its
//     words stand, packed. Package fold makes words comparable.
//
// # Glossary
//
// The nouns are the law's and the trade's; screens show the Vietnamese terms.
//
//   - Dossier: hồ sơ thủ tục hành chính, one request for one procedure by one owner (chủ hồ sơ); has a dossier code.
//   - Procedure: thủ tục hành chính; Component: thành phần hồ sơ, a kind of paper that a procedure demands.
//   - Agency: cơ quan, đơn vị; a node of a tree.
//   - Paper: giấy tờ, one document of a dossier: a component that was handed in, or the result (kết quả giải quyết). It is a
//     whole scan, or pages of scans as an officer arranged them.
//   - Figure: chỉ tiêu số hóa, a digitization rate (tỷ lệ số hóa hồ sơ): a Share of dossiers, by the portal's formula and the honest one.
//   - Scan: bản quét, the file that the scanner made; never changed, known by its SHA-256. Two papers may be the same scan.
//   - Batch: lô quét, a paper that is a feeder's scan of many papers, parted by cover sheets (tờ bìa).
//   - Reading: kết quả nhận dạng, what recognition made of a scan at one revision of the reader.
//
// # The states of a reading
//
//	split ──▶ pages ──▶ bind ──▶ done
//	  │         │         │
//	  └─────────┴─────────┴────▶ failed ──(Retry)──▶ split
//
// Each step can be done twice, by two machines at once, with the same result: rows are changed under a lock on the reading,
// pages left are counted and not decremented, and a step that is over answers ErrNotDue.
package catalogue
