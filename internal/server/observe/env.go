package observe

import (
	"cmp"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/config"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/connect"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// tracing is what the standard variables of OpenTelemetry say of traces. Those of sampling,
// of batches and of resources its own library reads.
type tracing struct {
	on      bool
	to      *url.URL
	reach   connect.Settings
	headers map[string]string
	zipped  bool
}

// usualUpload is how long an upload takes at most, where nothing else is said.
const usualUpload = 10 * time.Second

// variables reads variables of the environment.
type variables struct {
	get func(string) string
	ps  engine.Problems
}

// otlp is a variable of the exporter: that of traces alone, or that of all signals.
func (v *variables) otlp(name string) string {
	return cmp.Or(v.get("OTEL_EXPORTER_OTLP_TRACES_"+name), v.get("OTEL_EXPORTER_OTLP_"+name))
}

func (v *variables) wrong(is bool, name, value, rule string) {
	if is {
		v.ps = append(v.ps, engine.Problem{Path: name, Value: value, Rule: rule})
	}
}

// readTracing reads the variables. None of what it says has a value of the headers.
func readTracing(get func(string) string) (tracing, engine.Problems) {
	v := &variables{get: get}
	var t tracing
	exporter := strings.TrimSpace(get("OTEL_TRACES_EXPORTER"))
	if strings.EqualFold(get("OTEL_SDK_DISABLED"), "true") || exporter == "none" || exporter == "" && v.otlp("ENDPOINT") == "" {
		return t, nil
	}
	t.on = true
	v.wrong(exporter != "" && exporter != "otlp", "OTEL_TRACES_EXPORTER", strconv.Quote(exporter), "is not one of otlp, none")
	protocol := v.otlp("PROTOCOL")
	v.wrong(protocol != "" && protocol != "http/protobuf", "OTEL_EXPORTER_OTLP_PROTOCOL", strconv.Quote(protocol), "is not http/protobuf, which is all that is spoken here")
	zip := v.otlp("COMPRESSION")
	t.zipped = zip == "gzip"
	v.wrong(zip != "" && zip != "none" && !t.zipped, "OTEL_EXPORTER_OTLP_COMPRESSION", strconv.Quote(zip), "is not one of gzip, none")
	t.headers = v.readHeaders()
	t.to = v.readEndpoint()
	t.reach = connect.Settings{
		Path: "OTEL_EXPORTER_OTLP", AddressName: "endpoint", Address: t.to.Scheme + "://" + t.to.Host, Timeout: v.readTimeout(), HTTP: config.DefaultHTTPClientConfig,
		AllowHTTP: len(t.headers) == 0, // which are credentials
	}
	tls := &t.reach.HTTP.TLSConfig
	tls.CAFile, tls.CertFile, tls.KeyFile = v.otlp("CERTIFICATE"), v.otlp("CLIENT_CERTIFICATE"), v.otlp("CLIENT_KEY")
	t.reach.HTTP.FollowRedirects = false
	return t, append(v.ps, t.reach.Check()...)
}

// readEndpoint is where traces go: the endpoint of all signals has a path of its own for them.
func (v *variables) readEndpoint() *url.URL {
	name, text, path := "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", v.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"), ""
	if text == "" {
		name, text, path = "OTEL_EXPORTER_OTLP_ENDPOINT", cmp.Or(v.get("OTEL_EXPORTER_OTLP_ENDPOINT"), "http://localhost:4318"), "/v1/traces"
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		v.wrong(true, name, "", "is not a URL like http://localhost:4318, without user, query and fragment")
		return &url.URL{Scheme: "http", Host: "localhost"}
	}
	u.Path = strings.TrimSuffix(u.Path, "/") + path
	u.Path = cmp.Or(u.Path, "/")
	return u
}

func (v *variables) readTimeout() time.Duration {
	text := v.otlp("TIMEOUT")
	if text == "" {
		return usualUpload
	}
	ms, err := strconv.Atoi(text)
	if v.wrong(err != nil || ms < 1 || ms > 600_000, "OTEL_EXPORTER_OTLP_TIMEOUT", strconv.Quote(text), "is not in 1..600000, in milliseconds"); err != nil {
		return usualUpload
	}
	return time.Duration(ms) * time.Millisecond
}

// readHeaders reads pairs as in "api-key=a%20b,tenant=c".
func (v *variables) readHeaders() map[string]string {
	headers := map[string]string{}
	for i, pair := range strings.Split(v.otlp("HEADERS"), ",") {
		if strings.TrimSpace(pair) == "" {
			continue
		}
		name, value, ok := strings.Cut(pair, "=")
		name = strings.TrimSpace(name)
		plain, err := url.PathUnescape(strings.TrimSpace(value))
		if !ok || err != nil || name == "" || strings.ContainsAny(name, " :\r\n\x00") || strings.ContainsAny(plain, "\r\n\x00") {
			v.wrong(true, "OTEL_EXPORTER_OTLP_HEADERS", fmt.Sprintf("pair %d", i+1), "is not a name and a value like api-key=secret")
			continue
		}
		headers[name] = plain
	}
	return headers
}
