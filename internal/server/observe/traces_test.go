package observe

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"

	"go.opentelemetry.io/otel/trace"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
)

// collector takes traces, as OTLP has them.
type collector struct {
	*httptest.Server

	mu      sync.Mutex
	spans   map[string]*tracepb.Span // by name; the last one counts
	about   map[string]string        // attributes of the resource
	headers http.Header
	path    string
	refuse  int // so many requests are answered with 503
	got     int
}

func collect(t *testing.T) *collector {
	t.Helper()
	c := &collector{spans: map[string]*tracepb.Span{}, about: map[string]string{}}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.got++; c.got <= c.refuse {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		from := io.Reader(r.Body)
		if r.Header.Get("Content-Encoding") == "gzip" {
			z, err := gzip.NewReader(r.Body)
			if err != nil {
				t.Error(err)
				return
			}
			from = z
		}
		body, err := io.ReadAll(from)
		if err != nil {
			t.Error(err)
		}
		var data tracepb.TracesData // the same, on the wire, as a request of OTLP
		if err := proto.Unmarshal(body, &data); err != nil {
			t.Error(err)
		}
		c.path, c.headers = r.URL.Path, r.Header.Clone()
		for _, rs := range data.ResourceSpans {
			for name, value := range attributes(rs.GetResource().GetAttributes()) {
				c.about[name] = value
			}
			for _, ss := range rs.ScopeSpans {
				for _, s := range ss.Spans {
					c.spans[s.Name] = s
				}
			}
		}
	}))
	t.Cleanup(c.Close)
	return c
}

func attributes(kvs []*commonpb.KeyValue) map[string]string {
	all := map[string]string{}
	for _, kv := range kvs {
		all[kv.Key] = kv.Value.GetStringValue()
	}
	return all
}

// trace makes traces as variables say.
func traces(t *testing.T, vars map[string]string) *Traces {
	t.Helper()
	for name, value := range vars {
		t.Setenv(name, value)
	}
	made, err := NewTraces(t.Context(), TraceOptions{Getenv: os.Getenv, Version: "1.2.3"})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestTraces(t *testing.T) {
	c := collect(t)
	c.refuse = 1
	tr := traces(t, map[string]string{
		"OTEL_EXPORTER_OTLP_ENDPOINT": c.URL + "/otlp/", "OTEL_SERVICE_NAME": "rollouts", "OTEL_RESOURCE_ATTRIBUTES": "team=pay,zone=a%20b",
		"OTEL_EXPORTER_OTLP_HEADERS": "api-key=a%20b", "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip",
	})
	h := head(engine.PhaseProgressing, "10 %", 3)
	ctx, done := tr.Step(t.Context(), h)
	fleet := Fleet(fakeFleet{&engine.Refused{Reason: "no"}}, tr)
	_ = fleet.Make(ctx, engine.Order{})
	for range fleet.Instances(ctx) {
		break
	}
	_, _ = Meter(meterFunc(func(engine.Question) (engine.Answer, error) { return engine.Answer{}, nil }), tr).Measure(ctx, engine.Question{})
	_, _ = Store(emptyStore{}, tr).Find(ctx, store.Query{})
	done(head(engine.PhaseHeld, "10 %", 5), nil)
	_ = fleet.Make(t.Context(), engine.Order{}) // outside of everything: not drawn

	const parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	request := httptest.NewRequest(http.MethodPost, "/api/rollouts?token=hush", http.NoBody)
	request.Header.Set("traceparent", parent)
	tr.Request("rollouts.start", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !trace.SpanContextFromContext(r.Context()).IsValid() {
			t.Error("the request is not drawn")
		}
		w.WriteHeader(http.StatusBadGateway)
	})).ServeHTTP(httptest.NewRecorder(), request)
	if err := tr.Close(context.Background()); err != nil {
		t.Fatal(err)
	}

	c.mu.Lock()
	defer c.mu.Unlock()
	if c.path != "/otlp/v1/traces" || c.headers.Get("Api-Key") != "a b" || c.headers.Get("Content-Type") != "application/x-protobuf" || c.headers.Get("User-Agent") != "hotswap/1.2.3" {
		t.Errorf("got %s, %v", c.path, c.headers)
	}
	if c.about["service.name"] != "rollouts" || c.about["service.version"] != "1.2.3" || c.about["team"] != "pay" || c.about["zone"] != "a b" {
		t.Errorf("got the resource %v", c.about)
	}
	step := c.spans["rollout.step"]
	if got := attributes(step.GetAttributes()); got["hotswap.rollout"] != "r1" || got["hotswap.environment"] != "Production" || got["hotswap.plugin"] != "stripe" ||
		got["hotswap.stage"] != "10 %" || got["hotswap.phase"] != "progressing" || got["hotswap.phase.after"] != "held" {
		t.Errorf("got %v", got)
	}
	for _, name := range []string{"fleet.make", "fleet.instances", "meter.measure", "store.find"} {
		if s := c.spans[name]; s == nil || string(s.ParentSpanId) != string(step.SpanId) {
			t.Errorf("%s is not below the step: %v", name, s)
		}
	}
	if s := c.spans["fleet.make"].GetStatus(); s.GetCode() != tracepb.Status_STATUS_CODE_ERROR || s.GetMessage() != "refused: no" {
		t.Errorf("got %v", s)
	}
	if s := c.spans["rollouts.start"]; s.GetKind() != tracepb.Span_SPAN_KIND_SERVER || s.GetStatus().GetCode() != tracepb.Status_STATUS_CODE_ERROR || !strings.Contains(parent, hex(s.GetTraceId())+"-"+hex(s.GetParentSpanId())) || strings.Contains(s.String(), "hush") {
		t.Errorf("got %v", s)
	}
	if c.got != 2 {
		t.Errorf("%d requests", c.got)
	}
}

func hex(b []byte) string {
	var text strings.Builder
	for _, c := range b {
		text.WriteString("0123456789abcdef"[c>>4 : c>>4+1])
		text.WriteString("0123456789abcdef"[c&15 : c&15+1])
	}
	return text.String()
}

// emptyStore finds nothing.
type emptyStore struct{ store.Store }

func (emptyStore) Find(context.Context, store.Query) ([]store.Rollout, error) { return nil, nil }

func TestTracesAreOff(t *testing.T) {
	for _, vars := range []map[string]string{
		nil,
		{"OTEL_SDK_DISABLED": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:1"},
		{"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:1"},
	} {
		before := runtime.NumGoroutine()
		tr, err := NewTraces(t.Context(), TraceOptions{Getenv: func(name string) string { return vars[name] }})
		if err != nil {
			t.Fatal(err)
		}
		ctx, done := tr.Step(t.Context(), head(engine.PhaseProgressing, "10 %", 1))
		_ = Fleet(fakeFleet{}, tr).Make(ctx, engine.Order{})
		done(head(engine.PhaseProgressing, "10 %", 2), nil)
		if ctx != t.Context() || runtime.NumGoroutine() > before || tr.Close(ctx) != nil {
			t.Errorf("%v: traces are on", vars)
		}
	}
}

func TestVariables(t *testing.T) {
	for _, tc := range []struct {
		vars map[string]string
		want []string // problems; none: to says where
		to   string
	}{
		{map[string]string{"OTEL_TRACES_EXPORTER": "otlp"}, nil, "http://localhost:4318/v1/traces"},
		{map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}, nil, "http://collector:4318/v1/traces"},
		{map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "x", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "https://c/mine"}, nil, "https://c/mine"},
		{map[string]string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "https://c"}, nil, "https://c/"},
		{map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318", "OTEL_EXPORTER_OTLP_HEADERS": "key=hush"}, []string{"OTEL_EXPORTER_OTLP.endpoint: is http, over which"}, ""},
		{map[string]string{
			"OTEL_TRACES_EXPORTER": "zipkin", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc", "OTEL_EXPORTER_OTLP_COMPRESSION": "br", "OTEL_EXPORTER_OTLP_TIMEOUT": "10s",
			"OTEL_EXPORTER_OTLP_HEADERS": "hush,a=%zz,b c=d", "OTEL_EXPORTER_OTLP_ENDPOINT": "https://me:hush@c",
		}, []string{
			`OTEL_TRACES_EXPORTER: "zipkin" is not one of otlp, none`, `OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" is not http/protobuf`, `COMPRESSION: "br" is not`,
			"HEADERS: pair 1 is not", "HEADERS: pair 2 is not", "HEADERS: pair 3 is not", "OTEL_EXPORTER_OTLP_ENDPOINT: is not a URL", `TIMEOUT: "10s" is not`,
		}, ""},
	} {
		got, ps := readTracing(func(name string) string { return tc.vars[name] })
		for _, want := range tc.want {
			if !strings.Contains(ps.Error(), want) {
				t.Errorf("%v: want %q, got %v", tc.vars, want, ps)
			}
		}
		if len(ps) != len(tc.want) || strings.Contains(ps.Error(), "hush") || len(ps) == 0 && got.to.String() != tc.to {
			t.Errorf("%v: got %v and %v", tc.vars, ps, got.to)
		}
	}
}

// TestLostTraces: traces that nobody takes are said to be lost, once, and stop nothing.
func TestLostTraces(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadRequest) }))
	defer s.Close()
	var log strings.Builder
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", s.URL)
	tr, err := NewTraces(t.Context(), TraceOptions{Getenv: os.Getenv, Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		_, done := tr.Step(t.Context(), head(engine.PhaseProgressing, "10 %", 1))
		done(head(engine.PhaseProgressing, "10 %", 2), errors.New("no"))
		if err := tr.provider.ForceFlush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := tr.Close(context.Background()); err != nil {
		t.Error(err)
	}
	if got := log.String(); strings.Count(got, "traces are lost") != 1 || !strings.Contains(got, "it answered 400 Bad Request") {
		t.Error(got)
	}
}

// TestNoGRPC: what speaks OTLP here brings no gRPC along.
func TestNoGRPC(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		if strings.HasPrefix(line, "google.golang.org/grpc") || strings.Contains(line, "grpc-gateway") {
			t.Errorf("it depends on %s", line)
		}
	}
}
