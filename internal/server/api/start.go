package api

import (
	"bytes"
	"encoding/json"
	"net/http"
	"unicode/utf8"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/exchange"
	fleetcontract "github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/retold"
)

// mostBody is how many bytes the body of a request has at most.
const mostBody = 1 << 20

// mostKey is how many bytes an idempotency key has at most.
const mostKey = 200

// asked is the rollout that a request asks for.
func (x *call) asked() (*server.Asked, error) {
	var body contract.Ask
	if err := x.JSON(mostBody, &body); err != nil {
		return nil, err
	}
	a := &server.Asked{
		Environment: engineEnvironment(x.PathValue("environment")), Plugin: x.PathValue("plugin"), Restores: body.Restores, Expect: body.Expect,
		Key: x.Asked("Idempotency-Key"), By: x.actor.Name,
	}
	switch {
	case len(a.Key) > mostKey:
		return nil, exchange.Refuse(fleetcontract.InvalidRequest, "Idempotency-Key has %d bytes, and at most %d are taken", len(a.Key), mostKey)
	case !utf8.ValidString(a.Key): // the store would take two of them for one
		return nil, exchange.Refuse(fleetcontract.InvalidRequest, "Idempotency-Key is not UTF-8")
	case a.Key != "": // of this world alone: whoever may not look at another one hears nothing of it
		a.Key = x.URL.Path + " " + a.Key
	}
	if given := len(body.Deployment) > 0 && !bytes.Equal(body.Deployment, []byte("null")); given == (body.Restores != "") {
		return nil, exchange.Refuse(fleetcontract.InvalidRequest, "exactly one of deployment and restores has to be given")
	} else if given {
		spec, err := engine.DecodeSpec(body.Deployment)
		if err != nil {
			return nil, undecoded(err)
		}
		a.Deployment, a.Text = &spec, body.Deployment
	}
	same, err := json.Marshal(contract.Ask{Deployment: compact(body.Deployment), Restores: body.Restores})
	if err != nil {
		return nil, err
	}
	a.Request = fleetcontract.DigestOf([]byte(x.URL.Path + " " + string(same)))
	return a, nil
}

// compact is JSON without the spaces between its words.
func compact(text json.RawMessage) json.RawMessage {
	var b bytes.Buffer
	if json.Compact(&b, text) != nil {
		return text
	}
	return b.Bytes()
}

// undecoded is what is wrong with a deployment that is none.
func undecoded(err error) error {
	return invalid(engine.Problems{{Path: "deployment", Rule: err.Error()}})
}

// planRollout says what a rollout would be that began now.
func (a *api) planRollout(x *call) error {
	asked, err := x.asked()
	if err != nil {
		return err
	}
	plan, err := a.Server.Plan(x.Context(), asked)
	if err != nil {
		return err
	}
	return x.Answer(http.StatusOK, retold.Plan(&plan, x.At()))
}

// startRollout begins a rollout, once for each key.
func (a *api) startRollout(x *call) error {
	asked, err := x.asked()
	if err != nil {
		return err
	}
	r, fresh, err := a.Server.Start(x.Context(), asked)
	x.line.Rollout = r.RolloutHead.Rollout
	if err != nil {
		return err
	}
	a.acted(x, nil)
	status := http.StatusOK
	if fresh {
		status = http.StatusCreated
	}
	x.To.Header().Set("Location", "/v1/rollouts/"+r.RolloutHead.Rollout)
	return x.Answer(status, contract.Started{At: x.At(), Rollout: a.rolloutOf(&r)})
}
