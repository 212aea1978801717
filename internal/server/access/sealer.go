package access

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
)

// sealer seals what browsers keep for a server: nobody else reads, makes or changes it.
type sealer struct {
	aead cipher.AEAD
	use  string // what was sealed for one thing opens for no other
}

// sealedFor is the sealer for a use. Its key is that of all servers on the store.
func (g *Gate) sealedFor(ctx context.Context, use string) (*sealer, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if s := g.sealing[use]; s != nil {
		return s, nil
	}
	secret, err := g.store.Secret(ctx, "cookies")
	if err != nil {
		return nil, &UnavailableError{"the key of sessions cannot be read now", err}
	}
	s, err := newSealer(secret, use)
	if err == nil {
		g.sealing[use] = s
	}
	return s, err
}

func newSealer(secret []byte, use string) (*sealer, error) {
	derived, err := hkdf.Key(sha256.New, secret, nil, "hotswap "+use, 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(derived)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	return &sealer{aead, use}, err
}

// seal is v for a cookie.
func (s *sealer) seal(v any) (string, error) {
	plain, err := json.Marshal(v)
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(s.aead.Seal(nil, nil, plain, []byte(s.use))), nil
}

// mostCookie is how long a cookie may be: browsers keep no longer ones.
const mostCookie = 4 << 10

// errNotSealed says that a text was not sealed here.
var errNotSealed = errors.New("it was not sealed by this server")

// open reads into v what was sealed.
func (s *sealer) open(text string, v any) error {
	if len(text) > mostCookie {
		return errNotSealed
	}
	data, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return errNotSealed
	}
	plain, err := s.aead.Open(nil, nil, data, []byte(s.use))
	if err != nil || json.Unmarshal(plain, v) != nil {
		return errNotSealed
	}
	return nil
}
