package notify

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// payload is a message as Standard Webhooks has it.
type payload struct {
	Type      string    `json:"type"`
	Timestamp time.Time `json:"timestamp"` // when it happened
	Data      told      `json:"data"`
}

// told is what receivers are told of a rollout.
type told struct {
	Rollout  engine.RolloutHead `json:"rollout"`
	Stage    string             `json:"stage"`
	Summary  string             `json:"summary"`
	Text     string             `json:"text,omitempty"`
	Reason   string             `json:"reason,omitempty"`
	By       string             `json:"by,omitempty"`
	Evidence *evidence          `json:"evidence,omitempty"`
	URL      string             `json:"url,omitempty"`
}

// evidence are the figures that something rests on.
type evidence struct {
	Result        engine.Result       `json:"result"`
	Guard         bool                `json:"guard"`
	Reason        string              `json:"reason"`
	Requests      int64               `json:"requests"`
	Tenants       int                 `json:"tenants"`
	WindowSeconds float64             `json:"window_seconds"`
	Findings      []engine.Finding    `json:"findings,omitempty"`
	Winner        string              `json:"winner,omitempty"`
	Comparison    []engine.Comparison `json:"comparison,omitempty"`
}

// data is m for programs.
func (m *message) data() told {
	d := told{Rollout: m.head, Stage: m.stage, Summary: m.summary, Text: m.text, Reason: m.reason, By: m.by, URL: m.link}
	if v := m.verdict; v != nil {
		d.Evidence = &evidence{
			Result: v.Result, Guard: v.Guard, Reason: v.Reason, Requests: v.Requests, Tenants: v.Tenants, WindowSeconds: v.Window.Seconds(),
			Findings: v.Findings, Winner: v.Winner, Comparison: v.Comparison,
		}
	}
	return d
}

// sendWebhook sends m as Standard Webhooks has it.
func (s *sink) sendWebhook(ctx context.Context, m *message) error {
	body, err := json.Marshal(payload{Type: "rollout." + string(m.what), Timestamp: m.at.UTC(), Data: m.data()})
	if err != nil {
		return &failure{text: err.Error(), over: true}
	}
	return s.post(ctx, m.id, "application/json", body)
}

// sign puts the headers of Standard Webhooks to a request. While the secret changes it is
// signed with both.
func (s *sink) sign(h http.Header, id string, now time.Time, body []byte) error {
	files := s.of.secrets()
	if len(files) == 0 {
		return nil
	}
	seconds := strconv.FormatInt(now.Unix(), 10)
	signatures := make([]string, len(files))
	for i, file := range files {
		key, err := signingKey(file)
		if err != nil {
			return err
		}
		signatures[i] = signature(key, id, seconds, body)
	}
	h.Set("webhook-id", id)
	h.Set("webhook-timestamp", seconds)
	h.Set("webhook-signature", strings.Join(signatures, " "))
	return nil
}

// signature is that of the first version of Standard Webhooks.
func signature(key []byte, id, seconds string, body []byte) string {
	mac := hmac.New(sha256.New, key)
	_, _ = mac.Write([]byte(id + "." + seconds + ".")) // a hash never fails
	_, _ = mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
