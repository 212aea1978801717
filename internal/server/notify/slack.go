package notify

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
)

// slackMessage is what methods of Slack are called with. Text is plain: what looks like
// markup in the name of a version is none.
type slackMessage struct {
	Channel   string `json:"channel,omitempty"`
	TS        string `json:"ts,omitempty"`        // of the message that is updated
	ThreadTS  string `json:"thread_ts,omitempty"` // of the one that is answered to
	Text      string `json:"text"`
	Mrkdwn    bool   `json:"mrkdwn"`
	Parse     string `json:"parse,omitempty"`
	LinkNames bool   `json:"link_names"`
	Unfurl    bool   `json:"unfurl_links"`
}

// slackAnswer is what they answer.
type slackAnswer struct {
	OK      bool   `json:"ok"`
	Error   string `json:"error"`
	Channel string `json:"channel"`
	TS      string `json:"ts"`
}

// sendSlack writes m: by an incoming webhook as a message of its own, since those know no
// threads; by a token below the first message of the rollout, which shows where it is now.
func (s *sink) sendSlack(ctx context.Context, m *message) error {
	if s.of.TokenFile == "" {
		body, err := json.Marshal(slackMessage{Text: m.slackText()})
		if err != nil {
			return &failure{text: err.Error(), over: true}
		}
		return s.post(ctx, m.id, "application/json", body)
	}
	kept, err := s.outbox.Thread(ctx, s.of.Name, m.head.Rollout, "")
	if err != nil {
		return &failure{text: "the store does not say which message this one follows: " + err.Error()}
	}
	channel, first, threaded := strings.Cut(kept, " ")
	if !threaded {
		return s.begin(ctx, m)
	}
	// The update may be done twice, the message below it may not: so it comes last.
	_, err = s.call(ctx, "chat.update", slackMessage{Channel: channel, TS: first, Text: m.slackHeadline()})
	if err != nil && !lost(err) {
		return err
	}
	_, err = s.call(ctx, "chat.postMessage", slackMessage{Channel: channel, ThreadTS: first, Text: m.slackText()})
	return err
}

// begin writes the first message of a rollout, and keeps which it is.
func (s *sink) begin(ctx context.Context, m *message) error {
	text := m.slackText()
	a, err := s.call(ctx, "chat.postMessage", slackMessage{Channel: s.of.Channel, Text: text})
	if err != nil {
		return err
	}
	if _, err := s.outbox.Thread(ctx, s.of.Name, m.head.Rollout, cmp.Or(a.Channel, s.of.Channel)+" "+a.TS); err != nil {
		return &failure{text: "it was written, but the store did not keep which message it is: " + err.Error()}
	}
	return nil
}

// lost says whether there is no message any more to update: somebody deleted it.
func lost(err error) bool {
	var f *failure
	return errors.As(err, &f) && slices.Contains([]string{"message_not_found", "cant_update_message", "edit_window_closed"}, f.code)
}

// call calls a method of Slack's. The error is a *failure.
func (s *sink) call(ctx context.Context, method string, m slackMessage) (*slackAnswer, error) {
	token, err := secretText(s.of.TokenFile)
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(m)
	if err != nil {
		return nil, &failure{text: err.Error(), over: true}
	}
	base := cmp.Or(s.of.URL, slackAPI)
	if s.of.URLFile != "" {
		if base, err = s.address(); err != nil {
			return nil, err
		}
	}
	header := http.Header{"Content-Type": {"application/json; charset=utf-8"}, "Authorization": {"Bearer " + token}}
	answered, err := s.exchange(ctx, strings.TrimSuffix(base, "/")+"/"+method, header, body)
	if err != nil {
		return nil, err
	}
	if err := s.judge(answered); err != nil {
		return nil, err
	}
	var a slackAnswer
	if err := json.Unmarshal(answered.Body, &a); err != nil {
		return nil, &failure{text: "it answered " + method + " with something else than Slack's JSON"}
	}
	if !a.OK {
		return nil, &failure{text: "Slack refused " + method + ": " + word(a.Error), code: a.Error}
	}
	return &a, nil
}

// word is a code as far as it is one: what else comes is not repeated.
func word(code string) string {
	if code == "" || len(code) > 60 || strings.Trim(code, "abcdefghijklmnopqrstuvwxyz_") != "" {
		return "it does not say why"
	}
	return code
}
