package web

import (
	"net/http"

	"sohoa/storage/catalogue"
)

// route is one thing that can be asked for.
type route struct {
	pattern string
	// scopes are those of which a token needs one.
	scopes []catalogue.Scope
	// root routes reach the whole installation: they are for tokens of the agency at the root of the tree.
	root bool
	do   func(w http.ResponseWriter, r *http.Request, c *call) error
	// open tells whether the request needs no token; nil: it needs one.
	open func(s *Server, r *http.Request) bool
	// browser routes also take the token as the password of a browser's own question.
	browser bool
	// foreign routes belong to somebody else's pages and are not in our documentation.
	foreign bool
}

func everybody(*Server, *http.Request) bool { return true }

// table is all that can be asked for: the API's table of contents.
func (s *Server) table() []route {
	intake := []catalogue.Scope{catalogue.ScopeIntake}
	read := []catalogue.Scope{catalogue.ScopeRead}
	operate := []catalogue.Scope{catalogue.ScopeOperate}
	see := []catalogue.Scope{catalogue.ScopeRead, catalogue.ScopeOperate}
	review := []catalogue.Scope{catalogue.ScopeReview}
	mend := []catalogue.Scope{catalogue.ScopeIntake, catalogue.ScopeOperate}
	rates := []catalogue.Scope{catalogue.ScopeRates, catalogue.ScopeRead}
	all := []route{
		{pattern: "GET /healthz", open: everybody, do: s.alive},
		{pattern: "GET /readyz", open: everybody, do: s.ready},
		{pattern: "GET /api/v1/openapi.yaml", open: everybody, do: s.description},
		{pattern: "GET /metrics", scopes: operate, root: true, open: metricsOpen, browser: true, do: s.metrics},

		{pattern: "POST /api/v1/dossiers", scopes: intake, do: s.putDossier},
		{pattern: "POST /api/v1/dossiers/batch", scopes: intake, do: s.putDossiers},
		{pattern: "GET /api/v1/dossiers", scopes: read, do: s.dossiers},
		{pattern: "GET /api/v1/dossiers/{id}", scopes: read, do: s.dossier},
		{pattern: "POST /api/v1/dossiers/{id}/papers", scopes: intake, do: s.handIn},
		{pattern: "POST /api/v1/dossiers/{id}/papers/known", scopes: intake, do: s.handInKnown},
		{pattern: "POST /api/v1/dossiers/{id}/papers/reused", scopes: intake, do: s.reuse},
		{pattern: "GET /api/v1/dossiers/{id}/held", scopes: read, do: s.heldForDossier},
		{pattern: "GET /api/v1/dossiers/{id}/covers", scopes: read, do: s.covers},
		{pattern: "GET /api/v1/dossiers/{id}/covers/code", scopes: read, do: s.coverCode},
		{pattern: "GET /api/v1/scans/{sha256}", scopes: read, do: s.scan},

		{pattern: "OPTIONS /api/v1/uploads/", scopes: intake, do: s.resumable.options},
		{pattern: "POST /api/v1/uploads/{$}", scopes: intake, do: s.resumable.create},
		{pattern: "HEAD /api/v1/uploads/{upload}", scopes: intake, do: s.resumable.head},
		{pattern: "PATCH /api/v1/uploads/{upload}", scopes: intake, do: s.resumable.patch},
		{pattern: "DELETE /api/v1/uploads/{upload}", scopes: intake, do: s.resumable.terminate},
		{pattern: "POST /api/v1/uploads/{upload}/finish", scopes: intake, do: s.resumable.finish},

		{pattern: "GET /api/v1/papers/{id}", scopes: read, do: s.paper},
		{pattern: "DELETE /api/v1/papers/{id}", scopes: review, do: s.takeBack},
		{pattern: "PUT /api/v1/papers/{id}/place", scopes: review, do: s.refile},
		{pattern: "GET /api/v1/papers/{id}/held", scopes: read, do: s.heldLike},
		{pattern: "POST /api/v1/papers/{id}/reuse", scopes: review, do: s.reuseInstead},
		{pattern: "GET /api/v1/papers/{id}/batch", scopes: read, do: s.batch},
		{pattern: "GET /api/v1/papers/{id}/pages", scopes: read, do: s.pages},
		{pattern: "GET /api/v1/papers/{id}/pages/{page}", scopes: read, do: s.page},
		{pattern: "GET /api/v1/papers/{id}/pages/{page}/image", scopes: read, do: s.image},
		{pattern: "GET /api/v1/papers/{id}/pages/{page}/words", scopes: read, do: s.words},
		{pattern: "POST /api/v1/papers/{id}/pages/{page}/corrections", scopes: review, do: s.correct},
		{pattern: "PUT /api/v1/papers/{id}/approval", scopes: review, do: s.approve},
		{pattern: "DELETE /api/v1/papers/{id}/approval", scopes: review, do: s.unapprove},
		{pattern: "GET /api/v1/papers/{id}/arrangement", scopes: read, do: s.arrangement},
		{pattern: "PUT /api/v1/papers/{id}/arrangement", scopes: review, do: s.arrange},
		{pattern: "POST /api/v1/papers/{id}/split", scopes: review, do: s.split},
		{pattern: "POST /api/v1/papers/{id}/merge", scopes: review, do: s.merge},
		{pattern: "GET /api/v1/review", scopes: read, do: s.toReview},
		{pattern: "GET /api/v1/papers/{id}/original", scopes: read, do: s.original},
		{pattern: "GET /api/v1/papers/{id}/pdf", scopes: read, do: s.result(resultPDF)},
		{pattern: "GET /api/v1/papers/{id}/text", scopes: read, do: s.result(resultText)},
		{pattern: "GET /api/v1/papers/{id}/json", scopes: read, do: s.result(resultJSON)},
		{pattern: "GET /api/v1/papers/{id}/fields", scopes: read, do: s.fields},
		{pattern: "PUT /api/v1/papers/{id}/fields", scopes: intake, do: s.putFields},
		{pattern: "POST /api/v1/papers/{id}/retry", scopes: mend, do: s.retry},

		{pattern: "GET /api/v1/search", scopes: read, do: s.search},
		{pattern: "GET /api/v1/events", scopes: read, do: s.events},

		{pattern: "GET /api/v1/rates", scopes: read, do: s.rates},
		{pattern: "GET /api/v1/rates/dossiers", scopes: read, do: s.rateDossiers},
		{pattern: "GET /api/v1/rates/settings", scopes: see, do: s.rateSettings},
		{pattern: "PUT /api/v1/rates/settings", scopes: operate, root: true, do: s.putRateSettings},
		{pattern: "GET /api/v1/public/rates", scopes: rates, open: ratesAreOpen, do: s.publicRates},

		{pattern: "GET /api/v1/agencies", scopes: see, do: s.agencies},
		{pattern: "PUT /api/v1/agencies/{code}", scopes: operate, do: s.putAgency},
		{pattern: "GET /api/v1/procedures", scopes: see, do: s.procedures},
		{pattern: "PUT /api/v1/procedures/{code}", scopes: operate, root: true, do: s.putProcedure},
		{pattern: "GET /api/v1/users", scopes: operate, do: s.users},
		{pattern: "PUT /api/v1/users/{login}", scopes: operate, do: s.putUser},
		{pattern: "GET /api/v1/tokens", scopes: operate, do: s.listTokens},
		{pattern: "POST /api/v1/tokens", scopes: operate, do: s.addToken},
		{pattern: "DELETE /api/v1/tokens/{id}", scopes: operate, do: s.revokeToken},
		{pattern: "GET /api/v1/audit", scopes: operate, root: true, do: s.audit},
		{pattern: "GET /api/v1/status", scopes: operate, root: true, do: s.status},
		{pattern: "GET /api/v1/failed", scopes: operate, do: s.failedPapers},
	}
	if s.config.Inspect != nil {
		all = append(all, route{pattern: "/it/queues/", scopes: operate, root: true, browser: true, foreign: true, do: s.inspect})
	}
	return all
}
