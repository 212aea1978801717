package router

import (
	"crypto/rand"
	"encoding/hex"
	"errors"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/serving"
)

// Options are the flags of pluginhost router.
type Options struct {
	Listen      string // host:port; port 0: any
	TokenFile   string
	State       string // folder of the table
	AddressFile string // where the address is written to; "": nowhere
	Say         func(format string, args ...any)
}

// check finds all that is wrong, and makes the folder.
func (o *Options) check() (token, dir string, err error) {
	token, noToken := serving.Token(o.TokenFile)
	dir, noDir := serving.Private("--state", o.State)
	return token, dir, serving.Wrong(errors.Join(noToken, noDir))
}

// newBoot is a word that no other process has.
func newBoot() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // which never fails
	return hex.EncodeToString(b[:])
}
