package notify

import (
	"encoding/base64"
	"fmt"
	"io"
	"os"
	"strings"
)

// mostSecret is how long a file with a secret may be, in bytes.
const mostSecret = 4096

// secretText reads a file with a secret. It is read for each attempt, so that a changed one
// counts at once. No error has anything of what is in it.
func secretText(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", &failure{text: "nothing was sent: " + err.Error()}
	}
	data, err := io.ReadAll(io.LimitReader(f, mostSecret+1))
	_ = f.Close() // it was only read
	text := strings.TrimSpace(string(data))
	switch {
	case err != nil:
		return "", &failure{text: "nothing was sent: " + err.Error()}
	case len(data) > mostSecret:
		return "", &failure{text: fmt.Sprintf("nothing was sent: %s has more than %d bytes, which is no secret", path, mostSecret)}
	case text == "" || strings.ContainsAny(text, "\r\n"):
		return "", &failure{text: fmt.Sprintf("nothing was sent: %s does not have one line with a secret", path)}
	}
	return text, nil
}

// How long the keys of Standard Webhooks are, in bytes.
const (
	leastKey = 24
	mostKey  = 64
)

// signingKey reads a key of Standard Webhooks: whsec_, and its bytes in base64.
func signingKey(path string) ([]byte, error) {
	text, err := secretText(path)
	if err != nil {
		return nil, err
	}
	encoded, ok := strings.CutPrefix(text, "whsec_")
	if !ok {
		return nil, &failure{text: fmt.Sprintf("nothing was sent: the secret in %s does not begin with whsec_", path)}
	}
	key, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil, &failure{text: fmt.Sprintf("nothing was sent: the secret in %s is not base64 after whsec_", path)}
	}
	if len(key) < leastKey || len(key) > mostKey {
		return nil, &failure{text: fmt.Sprintf("nothing was sent: the secret in %s has %d bytes, and %d to %d are allowed", path, len(key), leastKey, mostKey)}
	}
	return key, nil
}
