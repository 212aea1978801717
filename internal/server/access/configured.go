package access

import (
	"crypto/subtle"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// configured finds out who bears a token that the configuration names; nil: nobody. All of
// them are compared, in a time that tells nothing of any.
func (g *Gate) configured(hash [32]byte, now time.Time) (*Actor, error) {
	var found *ConfiguredToken
	var failed error
	for i, t := range g.set.Tokens {
		want, err := t.hash()
		if err != nil && failed == nil {
			failed = &UnavailableError{"a token of the configuration cannot be read", fmt.Errorf("%s: %w", t.Name, err)}
		}
		if subtle.ConstantTimeCompare(want[:], hash[:]) == 1 && err == nil {
			found = &g.set.Tokens[i]
		}
	}
	if found == nil {
		return nil, failed
	}
	if !found.Expires.IsZero() && !now.Before(found.Expires) {
		return nil, unknown("the token %s has expired on %s", engine.Visible(found.Name), found.Expires.UTC().Format(time.RFC3339))
	}
	return &Actor{Name: "token " + engine.Visible(found.Name), Grants: found.Grants, Means: ByToken}, nil
}

// hash is that of the token, as it is now.
func (t *ConfiguredToken) hash() ([32]byte, error) {
	if t.Hash != nil {
		return *t.Hash, nil
	}
	text, err := ReadSecret(t.File)
	if err == nil && len(text) < leastToken {
		err = fmt.Errorf("%s has %d characters, and a token has at least %d: others can be guessed", t.File, len(text), leastToken)
	}
	if err != nil {
		return [32]byte{}, err
	}
	return HashOf(text), nil
}

// leastToken is how many characters a token in a file has at least.
const leastToken = 24

// ReadSecret is the one word in a file. The error has nothing of it.
func ReadSecret(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }() // it was read only
	text, err := io.ReadAll(io.LimitReader(file, mostCredentials+1))
	if err != nil {
		return "", err
	}
	word := strings.TrimSpace(string(text))
	switch {
	case len(text) > mostCredentials:
		return "", fmt.Errorf("%s has more than %d bytes, too many for a secret", path, mostCredentials)
	case word == "":
		return "", fmt.Errorf("%s is empty", path)
	case strings.ContainsAny(word, " \t\r\n"):
		return "", fmt.Errorf("%s has more than one word, and a secret is one", path)
	}
	return word, nil
}
