// Package pages is what officers, supervisors and IT see in their browsers: pages in Vietnamese, rendered here, with htmx for
// the parts that change and small modules of our own where a page is more than a form.
//
// A tour:
//
//   - pages.go: Pages, made by New; Route, what can be asked for and by whom; Visit, who asks. Routes is the table of contents.
//   - menu.go: the pages in the order of the menu, and where each role begins.
//   - render.go: from a template and its data to an answer. assets.go: style, modules and libraries, embedded.
//   - cookie.go: what a browser holds: its session, and by what it is known. signin.go: signing in and out, oidc.go by OpenID Connect; account.go: one's own
//     password, second factor and sessions.
//   - operations.go: what IT looks at; accounts.go: users and agencies; administration.go: procedures, tokens and the audit;
//     ratesettings.go: how the rates are counted; readingsettings.go: when somebody should look at what was read.
//   - tableimport.go: what the imports of IT share; procedureimport.go and agencyimport.go: procedures and agencies from a sheet, which
//     procedureplan.go and agencyplan.go compare with what there is. sheetform.go: a sheet as a browser sends it.
//   - dossier.go: dossiers, and one with its components and history; paper.go: a paper's page, whose work is done in the browser by
//     assets/review.js (moving and keys), review-sheet.js (a page's picture and words), review-pages.js and review-fields.js.
//   - rates.go: the digitization rates, ratesview.go: how they look, ratescompare.go: beside another period, ratesdossiers.go: the dossiers behind a number, ratesexport.go: as a
//     table to keep, ratespublic.go: for everybody.
//   - dossierimport.go: the list of received dossiers from a sheet; dossierplan.go: what its rows say; keptsheets.go: the sheet between
//     preview and import.
//   - format.go: how days, times, figures and states look in Vietnamese.
//   - intake.go: handing in; handed.go: the list of what was handed in. covers.go: cover sheets, printed. lookup.go: search.
//   - templates/: a file a page, all inside layout.html. assets/: app.css is the one style sheet, app.js what all pages share, keys.js shortcuts
//     and handheld scanners, session.js what to do when a session ends while a page is open, a module a page besides; vendor/ holds libraries as scripts/assets fetched them.
//
// # What the browser may do
//
// The policy (ContentPolicy) allows our own files alone: no inline script or style, no eval, no other host. What was read from a
// scan, typed by an officer or sent by another program reaches a page as text through html/template; modules put it there with
// textContent, or put in place what html/template made here. Nothing in this package makes a template.HTML.
package pages
