// Package process runs plugins as processes of their own, by hashicorp/go-plugin: what
// happens to them happens to nobody else.
package process

import (
	"errors"
	"net/rpc"
	"time"

	goplugin "github.com/hashicorp/go-plugin"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/plugin"
)

// handshake is what a host and a plugin tell each other before anything else, so that
// nobody starts a plugin by hand and wonders.
var handshake = goplugin.HandshakeConfig{ProtocolVersion: 1, MagicCookieKey: "HOTSWAP_PLUGIN", MagicCookieValue: "payment"}

// lifeline is the file of a plugin's process that ends when its host does.
const lifeline = 3

// The environment of a plugin's process.
const (
	seedVariable   = "HOTSWAP_PLUGIN_SEED" // a number from which its chances follow
	folderVariable = "TMPDIR"              // of its own, for its socket
)

// served is the name by which plugins are asked for.
const served = "plugin"

// Reply is a response or an error, on the wire.
type Reply struct {
	Response plugin.Response
	Failed   bool
	Text     string
}

// Work is what a plugin's process does of a request: how long it takes is waited for by
// whoever asks it to.
type Work interface {
	Serve(r plugin.Request) (plugin.Response, time.Duration, error)
	Configure(b plugin.Behaviours)
}

// remote answers a host inside of a plugin's process. A panic of the work ends the process,
// as nobody recovers from it.
type remote struct{ work Work }

// Serve serves a request, in the time that it takes.
func (s *remote) Serve(r plugin.Request, to *Reply) error {
	response, wait, err := s.work.Serve(r)
	time.Sleep(wait)
	to.Response = response
	if err != nil {
		to.Failed, to.Text = true, err.Error()
	}
	return nil
}

// Configure replaces how the work behaves.
func (s *remote) Configure(b plugin.Behaviours, _ *struct{}) error {
	s.work.Configure(b)
	return nil
}

// Live answers when the process ends, which is never: its host notices at once by that.
func (s *remote) Live(_ struct{}, _ *struct{}) error { select {} }

// glue is what go-plugin wants of both sides.
type glue struct{ work Work }

// Server implements goplugin.Plugin, in the plugin.
func (g glue) Server(*goplugin.MuxBroker) (any, error) { return &remote{work: g.work}, nil }

// Client implements goplugin.Plugin, in the host.
func (glue) Client(_ *goplugin.MuxBroker, c *rpc.Client) (any, error) {
	if c == nil {
		return nil, errors.New("no connection")
	}
	return c, nil
}
