// Package web is what the service answers over HTTP: the API, /api/v1 (dossiers, handing in papers, how far they are, what was
// read, search, and what IT needs), in JSON, which openapi.yaml describes and which is served with it; and the pages of package
// pages, in HTML.
//
// A paper is acknowledged after its bytes are durable in the store and its row in the catalogue, in this order. A client that
// heard nothing sends again: the same bytes are the same scan, and the same paper is told so instead of being added twice.
//
// What a paper's words are after officers corrected them, and which pages it has after they were arranged, is what the API tells
// and what text, PDF and JSON are downloaded as; the reading and the original stay beside it.
//
// A tour:
//
//   - routes.go: all that can be asked for, and by whom: the table of contents.
//   - config.go: Config, what the API stands on and how much it takes.
//   - server.go: Server, from a request's arrival to its line in the log. exchange.go: one request and its answer, and
//     how long a client may take. auth.go: whose request it is. page.go: requests of browsers for pages; session.go: their sessions; beneath.go: what IT's pages ask. limit.go: rates and places. metrics.go: figures.
//   - errors.go: every error as clients see it: one table.
//   - dossier.go, paper.go, search.go, download.go: what officers and other programs ask for. wire.go: how it looks in JSON.
//   - review.go: a page's words, corrections, approval. arrange.go: a paper's pages turned, ordered, split and joined. picture.go:
//     pictures of pages. shown.go: PDF, text and JSON of what officers have changed. refile.go: papers handed in wrongly; reuse.go: held ones.
//   - cover.go: cover sheets, and the batches that they part.
//   - handin.go: handing in; form.go: several files in one request. spool.go: the folder in which files arrive. name.go: what
//     clients call their files.
//   - resumable.go: uploads that go on after a break (tus); finish.go: their end, when they become papers; uploadstore.go: their
//     files; translated.go: tusd's locks and answers as ours; sweep.go: what becomes of those that nobody goes on with.
//   - events.go: papers as they change (Server-Sent Events); hub.go: one look at the catalogue for all who watch.
//   - rates.go: the digitization rates, and the public feed of them.
//   - operate.go: agencies, procedures, the audit and the status, for IT; people.go: users and tokens. health.go: whether the service works.
package web
