package notify

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// The versions of CDEvents, of its events about services, and of those of our own.
const (
	cdSpec    = "0.4.1"
	cdService = ".0.2.0"
	cdCustom  = ".0.1.0"
)

// cloudEvent is a CDEvent around which CloudEvents 1.0 are, in the structured form.
type cloudEvent struct {
	SpecVersion     string    `json:"specversion"`
	ID              string    `json:"id"`
	Source          string    `json:"source"`
	Type            string    `json:"type"`
	Subject         string    `json:"subject"`
	Time            time.Time `json:"time"`
	DataContentType string    `json:"datacontenttype"`
	Data            cdEvent   `json:"data"`
}

// cdEvent is one of the CDEvents.
type cdEvent struct {
	Context    cdContext `json:"context"`
	Subject    cdSubject `json:"subject"`
	CustomData told      `json:"customData"`
	CustomType string    `json:"customDataContentType"`
}

type cdContext struct {
	Version   string    `json:"version"`
	ID        string    `json:"id"`
	Source    string    `json:"source"`
	Type      string    `json:"type"`
	Timestamp time.Time `json:"timestamp"`
}

type cdSubject struct {
	ID      string    `json:"id"`
	Source  string    `json:"source"`
	Type    string    `json:"type"`
	Content cdContent `json:"content"`
}

type cdContent struct {
	Environment cdReference `json:"environment"`
	ArtifactID  string      `json:"artifactId,omitempty"`
	// What custom events have beside.
	Rollout string       `json:"rollout,omitempty"`
	Phase   engine.Phase `json:"phase,omitempty"`
	Stage   string       `json:"stage,omitempty"`
	Reason  string       `json:"reason,omitempty"`
	By      string       `json:"by,omitempty"`
	URL     string       `json:"url,omitempty"`
}

type cdReference struct {
	ID     string `json:"id"`
	Source string `json:"source,omitempty"`
}

// sendCDEvent sends m as a CDEvent.
func (s *sink) sendCDEvent(ctx context.Context, m *message) error {
	body, err := json.Marshal(m.cloudEvent(s.source))
	if err != nil {
		return &failure{text: err.Error(), over: true}
	}
	return s.post(ctx, m.id, "application/cloudevents+json", body)
}

// cloudEvent is m as others know such events; source is who tells.
func (m *message) cloudEvent(source string) cloudEvent {
	h := &m.head
	e := cdEvent{
		Context: cdContext{Version: cdSpec, ID: m.id, Source: source, Timestamp: m.at.UTC()},
		Subject: cdSubject{ID: h.Plugin, Source: source, Content: cdContent{Environment: cdReference{ID: string(h.Environment), Source: source}}},
		// Programs that know rollouts find all of it here.
		CustomData: m.data(), CustomType: "application/json",
	}
	if predicate, version := m.service(); predicate != "" {
		e.Context.Type, e.Subject.Type = "dev.cdevents.service."+predicate+cdService, "service"
		e.Subject.Content.ArtifactID = artifact(h.Plugin, version)
	} else { // the specification has no approvals, and no word for a rollout under way
		e.Context.Type, e.Subject.Type = "dev.cdeventsx.hotswap-rollout."+strings.ReplaceAll(string(m.what), "_", "")+cdCustom, "hotswap-rollout"
		e.Subject.ID = h.Rollout
		c := &e.Subject.Content
		c.ArtifactID, c.Rollout, c.Phase, c.Stage, c.Reason, c.By, c.URL = artifact(h.Plugin, h.Candidate), h.Rollout, h.Phase, m.stage, m.reason, m.by, m.link
	}
	return cloudEvent{
		SpecVersion: "1.0", ID: m.id, Source: source, Type: e.Context.Type, Subject: e.Subject.ID, Time: m.at.UTC(),
		DataContentType: "application/json", Data: e,
	}
}

// service is what became of the service, and the version that it has now; "": nothing did. A
// test that kept A is an answer and no failure, as which a service that is rolled back counts.
func (m *message) service() (predicate, version string) {
	switch m.what {
	case Succeeded:
		switch {
		case m.removes:
			return "removed", ""
		case m.fresh:
			return "deployed", m.head.Candidate
		case m.head.Restores != "":
			return "rolledback", m.head.Candidate
		}
		return "upgraded", m.head.Candidate
	case RolledBack:
		if !m.fresh { // there is no version to go back to
			return "rolledback", m.head.Baseline
		}
	}
	return "", ""
}

// artifact is a version of a plugin as a package URL; "": there is none.
func artifact(plugin, version string) string {
	if version == "" {
		return ""
	}
	return "pkg:generic/" + url.PathEscape(plugin) + "@" + url.QueryEscape(version)
}
