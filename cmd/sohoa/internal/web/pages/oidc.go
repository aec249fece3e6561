package pages

// Issuer is an OpenID Connect issuer.
type Issuer struct{}
