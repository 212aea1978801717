package notify

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// messages are all that is told of a rollout.
func messages(t *testing.T, m *memory, id string) []*message {
	t.Helper()
	l := library{store: m}
	b, err := l.read(context.Background(), id, -1)
	if err != nil {
		t.Fatal(err)
	}
	var all []*message
	for seq := int64(-1); seq < int64(len(b.events)); seq++ {
		what, err := b.what(seq)
		if err != nil {
			t.Fatal(err)
		}
		if what == "" {
			continue
		}
		told, err := b.tell(what, seq)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, told)
	}
	return all
}

func TestWhatIsTold(t *testing.T) {
	left := engine.Event{Kind: engine.Left, By: "the server", Error: "it is shut down"}
	pauses, resumes := engine.Event{Kind: engine.Paused, By: "ada", Error: "lunch"}, engine.Event{Kind: engine.Resumed, By: "ada"}
	aborts := engine.Event{Kind: engine.Aborted, By: "ada", Error: "enough seen"}
	for _, tc := range []struct {
		name   string
		events []engine.Event
		want   []string // what, and part of what is said of it
	}{
		{"good", []engine.Event{begins, passes, promotes, begins, passes, surveys, over}, []string{
			`started|stripe 1.6.0 was started (Production)`, `stage|began stage "10 %"`, `held|stripe 1.6.0 is held at stage "10 %" (Production)`,
			`decided|promoted by ada: looks fine`, `stage|began stage "100 %"`, `succeeded|stripe 1.6.0 serves everywhere (Production)`,
		}},
		{"bad", []engine.Event{begins, passes, promotes, begins, fails, back}, []string{
			"started|", "stage|", "held|", "decided|", "stage|", `rolling_back|The gate of stage "100 %" of the Canary rollout in Production failed`,
			`rolled_back|was rolled back at stage "100 %" (Production): error rate 9 %, allowed is at most 5 %`,
		}},
		{"paused and left", []engine.Event{begins, pauses, resumes, left}, []string{"started|", "stage|", "paused|Paused by ada: lunch", `resumed|goes on at stage "10 %"`, "unwatched|left by the server: it is shut down"}},
		{"aborted while held", []engine.Event{begins, passes, aborts, back}, []string{"started|", "stage|", "held|", "decided|aborted by ada: enough seen", "rolled_back|was rolled back, as asked"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m := newMemory()
			m.happens(t, planned("r1", "stripe"), tc.events...)
			got := messages(t, m, "r1")
			for i, want := range tc.want {
				what, part, _ := strings.Cut(want, "|")
				if i >= len(got) {
					t.Fatalf("want %s, got no more", what)
				}
				if said := got[i].summary + "\n" + got[i].text; string(got[i].what) != what || !strings.Contains(said, part) {
					t.Errorf("want %s with %q, got %s: %s", what, part, got[i].what, said)
				}
				if strings.Contains(got[i].summary, "\n") || got[i].at.Before(dawn) {
					t.Errorf("got %+v", got[i])
				}
			}
			if len(got) != len(tc.want) {
				t.Errorf("want %d messages, got %d", len(tc.want), len(got))
			}
		})
	}
}

func TestUsualIsPartOfAll(t *testing.T) {
	for _, k := range []Kind{Webhook, CDEvents, Slack} {
		for _, w := range Usual(k) {
			if !slices.Contains(All(), w) {
				t.Errorf("%s: %s", k, w)
			}
		}
	}
	if slices.Contains(Usual(Webhook), Stage) {
		t.Error("each stage is told unasked")
	}
}

func TestMessageIDs(t *testing.T) {
	if a, b := messageID("s", "r", 1), messageID("s", "r", 1); a != b {
		t.Errorf("%s and %s", a, b)
	}
	seen := map[string]bool{}
	for _, id := range []string{messageID("s", "r", 1), messageID("s", "r", 2), messageID("s", "r1", 1), messageID("sr", "", 1), messageID("s2", "r", 1)} {
		if seen[id] || !strings.HasPrefix(id, "msg_") {
			t.Error(id)
		}
		seen[id] = true
	}
}
