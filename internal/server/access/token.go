package access

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"math/big"
	"strings"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
)

// TokenPrefix begins every token that a server makes, so that whoever looks for secrets in
// code and logs finds them.
const TokenPrefix = "hotswap_"

// Lengths of the parts of a token behind its prefix, in digits of base 62. The checksum is
// CRC-32 of the random part: it tells a token from what only looks like one, with no store.
const (
	randomDigits   = 43 // of 256 bits
	checksumDigits = 6  // of 32 bits
)

const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// base62 is a number in so many digits.
func base62(n *big.Int, length int) string {
	text := make([]byte, length)
	n, base, digit := new(big.Int).Set(n), big.NewInt(int64(len(digits))), new(big.Int)
	for i := length - 1; i >= 0; i-- {
		n.DivMod(n, base, digit)
		text[i] = digits[digit.Int64()]
	}
	return string(text)
}

func checksum(random string) string {
	return base62(big.NewInt(int64(crc32.ChecksumIEEE([]byte(random)))), checksumDigits)
}

// newText is a new token: 256 bits that nobody guesses.
func newText() string {
	var bits [32]byte
	_, _ = rand.Read(bits[:]) // never fails, it says
	random := base62(new(big.Int).SetBytes(bits[:]), randomDigits)
	return TokenPrefix + random + checksum(random)
}

// Formed says whether a text has the form of a token that a server makes, and is whole.
func Formed(text string) bool {
	rest, ok := strings.CutPrefix(text, TokenPrefix)
	return ok && len(rest) == randomDigits+checksumDigits && checksum(rest[:randomDigits]) == rest[randomDigits:]
}

// HashOf is what a store keeps of a token. A token is as random as its hash, so a slow hash
// would protect nothing.
func HashOf(text string) [32]byte { return sha256.Sum256([]byte(text)) }

// longestName is how long the name of a token may be.
const longestName = 128

// checkName says what is wrong with what a token or certificate is called; "": nothing.
func checkName(name string) string {
	switch {
	case strings.TrimSpace(name) == "":
		return "is missing: it says who or what it is for"
	case len(name) > longestName:
		return fmt.Sprintf("has %d bytes, and a name has at most %d", len(name), longestName)
	case engine.Visible(name) != name || strings.ContainsAny(name, "\n\t"):
		return "has characters that cannot be seen"
	}
	return ""
}

// NewToken makes a token for somebody: its text, which is shown once and kept nowhere, and
// what a store keeps. expires zero: never. The error says all that is wrong with the wish.
func NewToken(name string, grants []Grant, by string, now, expires time.Time) (text string, t store.Token, err error) {
	var ps engine.Problems
	if rule := checkName(name); rule != "" {
		ps = append(ps, engine.Problem{Path: "name", Rule: rule})
	}
	if !expires.IsZero() && !expires.After(now) {
		ps = append(ps, engine.Problem{Path: "expires", Value: expires.UTC().Format(time.RFC3339), Rule: "is over already"})
	}
	ps = append(ps, checkGrants("grants", grants)...)
	if len(ps) > 0 {
		return "", store.Token{}, ps
	}
	kept, err := json.Marshal(grants)
	if err != nil {
		return "", store.Token{}, err
	}
	text = newText()
	return text, store.Token{
		ID: newID(), Name: name, Hash: HashOf(text), Grants: kept, Made: now, MadeBy: by, Expires: expires,
	}, nil
}

// newID is a short id, for people: 40 bits that need not be secret.
func newID() string { return "t_" + strings.ToLower(rand.Text()[:8]) }
