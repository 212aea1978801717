package live

import (
	"time"

	"github.com/prometheus/common/config"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/connect"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet"
)

// fleet reaches the manager itself, and not by way of the server.
func (r *Rig) fleet() (w *fleet.World, done func(), err error) {
	s := connect.Settings{Path: "fleet", Address: "http://" + r.Stack.ManagerAt, HTTP: config.DefaultHTTPClientConfig, Timeout: 10 * time.Second}
	s.HTTP.Authorization = &config.Authorization{Type: "Bearer", CredentialsFile: r.Stack.TokenFile()}
	f, err := fleet.Open(fleet.Settings{API: s})
	if err != nil {
		return nil, nil, err
	}
	w, err = f.World(Environment, Plugin)
	return w, f.Close, err
}
