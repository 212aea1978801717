package contract

import "time"

// Service is what GET /v1 answers.
type Service struct {
	At time.Time `json:"at"`
	// API is the version of the API, and Contract that of a fleet's, whose reading half the
	// server speaks too.
	API      string `json:"api"`
	Contract string `json:"contract"`
	Software string `json:"software,omitempty"`
	Name     string `json:"name,omitempty"` // of this server among those on the same store
	// Encodings are the content encodings that bodies of requests may have.
	Encodings []string `json:"encodings,omitempty"`
}

// Environment is one that the server knows.
type Environment struct {
	Name    string   `json:"name"`
	Kind    string   `json:"kind,omitempty"`
	Plugins []string `json:"plugins"`
	Fleet   string   `json:"fleet,omitempty"`
	// Roles are what whoever asks may do there.
	Roles []string `json:"roles"`
}

// Environments are all of them.
type Environments struct {
	At    time.Time     `json:"at"`
	Items []Environment `json:"items"`
}

// Actor is who asks.
type Actor struct {
	At     time.Time `json:"at"`
	Name   string    `json:"name"`
	Grants []Grant   `json:"grants"`
	// Anonymous says that whoever asks has shown nothing, and may do what anybody may.
	Anonymous bool `json:"anonymous,omitempty"`
}

// Grant is a role in some environments; none: everywhere.
type Grant struct {
	Role         string   `json:"role"`
	Environments []string `json:"environments,omitempty"`
}

// NewToken asks for a token.
type NewToken struct {
	Name    string    `json:"name"`
	Grants  []Grant   `json:"grants"`
	Expires time.Time `json:"expires,omitzero"`
}

// Token is a token without itself, but for the answer to the request that made it.
type Token struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	Grants  []Grant   `json:"grants"`
	Made    time.Time `json:"made"`
	MadeBy  string    `json:"madeBy,omitempty"`
	Expires time.Time `json:"expires,omitzero"`
	Used    time.Time `json:"used,omitzero"`
	Token   string    `json:"token,omitempty"` // shown once
}

// MadeToken is a token as the answer to the request that made it.
type MadeToken struct {
	At time.Time `json:"at"`
	Token
}

// Tokens are all of them.
type Tokens struct {
	At    time.Time `json:"at"`
	Items []Token   `json:"items"`
}

// Audit is a line of who did what.
type Audit struct {
	ID          int64     `json:"id"`
	At          time.Time `json:"at"`
	Actor       string    `json:"actor"`
	Action      string    `json:"action"`
	Environment string    `json:"environment,omitempty"`
	Plugin      string    `json:"plugin,omitempty"`
	Rollout     string    `json:"rollout,omitempty"`
	Reason      string    `json:"reason,omitempty"`
	Refused     string    `json:"refused,omitempty"`
	Request     string    `json:"request,omitempty"`
}

// Audits are a page of them, newest first.
type Audits struct {
	At    time.Time `json:"at"`
	Items []Audit   `json:"items"`
	Next  int64     `json:"next,omitempty"` // below; 0: there are no more
}
