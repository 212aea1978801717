package notify

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// workspace is a Slack: it answers each method, and refuses those that it is told to.
func workspace(t *testing.T, refuse map[string]string) *receiver {
	t.Helper()
	return receive(t, func(w http.ResponseWriter, r *http.Request, n int) {
		method := strings.TrimPrefix(r.URL.Path, "/api/")
		if code := refuse[method]; code != "" {
			_, _ = fmt.Fprintf(w, `{"ok":false,"error":%q}`, code)
			return
		}
		_, _ = fmt.Fprintf(w, `{"ok":true,"channel":"C0","ts":"1700000000.%06d"}`, n)
	})
}

// said is what was called, with what.
func said(t *testing.T, g got) (method string, m slackMessage) {
	t.Helper()
	if err := json.Unmarshal(g.body, &m); err != nil {
		t.Fatal(err)
	}
	return strings.TrimPrefix(g.path, "/api/"), m
}

func bot(t *testing.T, url string) Sink {
	t.Helper()
	return Sink{Name: "people", Kind: Slack, URL: url + "/api/", TokenFile: file(t, "xoxb-1"), Channel: "#rollouts", AllowPrivateAddresses: true}
}

func TestSlackThreads(t *testing.T) {
	m, v := newMemory(), workspace(t, nil)
	m.happens(t, planned("r1", "stripe"), begins, passes, promotes, begins, fails, back)
	run(t, m, &clock{}, bot(t, v.URL))
	eventually(t, "all told", m.idle)
	all := v.all()
	method, first := said(t, all[0])
	if method != "chat.postMessage" || first.Channel != "#rollouts" || first.ThreadTS != "" || !strings.Contains(first.Text, "stripe 1.6.0 was started (Production)") ||
		!strings.HasSuffix(first.Text, "\n<https://hotswap.example.com/rollouts/r1>") || all[0].header.Get("Authorization") != "Bearer xoxb-1" {
		t.Errorf("got %s %+v %v", method, first, all[0].header)
	}
	if len(all) != 9 {
		t.Fatalf("%d calls", len(all))
	}
	for i := 1; i < len(all); i += 2 {
		update, shown := said(t, all[i])
		post, below := said(t, all[i+1])
		if update != "chat.update" || shown.TS != "1700000000.000001" || shown.Channel != "C0" || post != "chat.postMessage" || below.ThreadTS != "1700000000.000001" || below.Channel != "C0" {
			t.Errorf("got %s %+v, %s %+v", update, shown, post, below)
		}
	}
	if _, shown := said(t, all[1]); !strings.Contains(shown.Text, `stripe 1.6.0 (Production): held at stage "10 %"`) {
		t.Error(shown.Text)
	}
	if _, shown := said(t, all[7]); !strings.Contains(shown.Text, `stripe 1.6.0 (Production): rolled back`) {
		t.Error(shown.Text)
	}
}

func TestSlackRefuses(t *testing.T) {
	m, v := newMemory(), workspace(t, map[string]string{"chat.update": "message_not_found"})
	m.happens(t, planned("r1", "stripe"), begins, passes)
	run(t, m, &clock{}, bot(t, v.URL))
	eventually(t, "all told", m.idle) // that somebody deleted the first message stops nothing

	m, v = newMemory(), workspace(t, map[string]string{"chat.postMessage": "channel_not_found"})
	m.happens(t, planned("r1", "stripe"), begins, passes)
	run(t, m, &clock{}, bot(t, v.URL))
	eventually(t, "refused", func() bool { all := m.of("people"); return len(all) == 2 && all[0].Attempts == 1 })
	if failed := m.of("people")[0].Failed; failed != "Slack refused chat.postMessage: channel_not_found" {
		t.Error(failed)
	}
}

func TestIncomingWebhooksHaveNoThreads(t *testing.T) {
	m := newMemory()
	v := receive(t, func(w http.ResponseWriter, _ *http.Request, _ int) { _, _ = io.WriteString(w, "ok") })
	m.happens(t, planned("r1", "stripe"), begins, passes)
	s := Sink{Name: "people", Kind: Slack, URLFile: file(t, v.URL+"/services/T0/B0/x"), AllowPrivateAddresses: true}
	run(t, m, &clock{}, s)
	eventually(t, "all told", m.idle)
	for _, g := range v.all() {
		if path, msg := said(t, g); path != "/services/T0/B0/x" || msg.ThreadTS != "" || msg.Channel != "" || g.header.Get("Authorization") != "" {
			t.Errorf("got %s %+v", path, msg)
		}
	}
	if len(v.all()) != 2 {
		t.Errorf("%d messages", len(v.all()))
	}
}

// TestSlackTextIsHarmless: what comes from elsewhere calls nobody and is no markup.
func TestSlackTextIsHarmless(t *testing.T) {
	m, v := newMemory(), workspace(t, nil)
	p := planned("r1", "stripe")
	p.Candidate = "<!channel> & <https://evil.example.com|1.6.0> @here"
	evil := promotes
	evil.By, evil.Error = "<@U1>", "<!subteam^S1>"+strings.Repeat("long ", 2000)
	m.happens(t, p, begins, passes, evil)
	run(t, m, &clock{}, bot(t, v.URL))
	eventually(t, "all told", m.idle)
	for _, g := range v.all() {
		_, msg := said(t, g)
		body, link, _ := strings.Cut(msg.Text, "\n<https://hotswap.example.com/")
		if strings.ContainsAny(body, "<>") || strings.Contains(body, "@here") || strings.Contains(body, "@U1") || link != "rollouts/r1>" || msg.LinkNames || msg.Mrkdwn || len([]rune(msg.Text)) > 4000 {
			t.Errorf("got %+v", msg)
		}
	}
	if got := slackSafe("a & b\x1b"); got != `a &amp; b\x1b` {
		t.Error(got)
	}
	link := (&message{what: Held, summary: "s", link: "https://h/?a=1&b=<|>"}).slackText()
	if !strings.HasSuffix(link, "<https://h/?a=1&amp;b=%3C%7C%3E>") {
		t.Error(link)
	}
}
