package observe

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"time"

	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/connect"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// uploader sends traces as OTLP has it over HTTP. The exporter for that of OpenTelemetry
// brings all of gRPC along and a way of its own to reach others.
type uploader struct {
	of     tracing
	client *connect.Client
	log    *slog.Logger

	mu     sync.Mutex
	failed bool // the last upload did
}

// What is tried again, and how often.
const (
	mostUploads  = 4
	firstAgain   = time.Second
	mostAnswered = 64 << 10
)

// Start implements otlptrace.Client.
func (u *uploader) Start(context.Context) error { return nil }

// Stop implements otlptrace.Client.
func (u *uploader) Stop(context.Context) error {
	u.client.Close()
	return nil
}

// UploadTraces implements otlptrace.Client. What cannot be sent is lost, and logged when it
// begins and when it is over: traces stop nothing else.
func (u *uploader) UploadTraces(ctx context.Context, spans []*tracepb.ResourceSpans) error {
	// A request of OTLP is, on the wire, the same as the spans in a file.
	body, err := proto.Marshal(&tracepb.TracesData{ResourceSpans: spans})
	if err == nil {
		err = u.send(ctx, body)
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	switch {
	case err != nil && !u.failed:
		u.log.Warn("traces are lost", "error", err)
	case err == nil && u.failed:
		u.log.Info("traces arrive again")
	}
	u.failed = err != nil
	return nil
}

// send sends a request, a few times where it may help.
func (u *uploader) send(ctx context.Context, body []byte) error {
	if u.of.zipped {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = z.Write(body) // into memory
		_ = z.Close()
		body = b.Bytes()
	}
	wait := firstAgain
	for n := 1; ; n++ {
		after, again, err := u.try(ctx, body)
		if err == nil || !again || n == mostUploads {
			return err
		}
		if walker.Pause(ctx, max(wait, after)) != nil {
			return err
		}
		wait *= 2
	}
}

// try sends it once. again says whether to try again may help, and after when.
func (u *uploader) try(ctx context.Context, body []byte) (after time.Duration, again bool, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.of.to.String(), bytes.NewReader(body))
	if err != nil {
		return 0, false, err
	}
	for name, value := range u.of.headers {
		req.Header.Set(name, value)
	}
	req.Header.Set("Content-Type", "application/x-protobuf")
	if u.of.zipped {
		req.Header.Set("Content-Encoding", "gzip")
	}
	resp, err := u.client.Do(req)
	if err != nil {
		return 0, true, err
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, mostAnswered)) // so that the connection is used again
	_ = resp.Body.Close()
	if resp.StatusCode/100 == 2 {
		return 0, false, nil
	}
	switch resp.StatusCode {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		again = true
	}
	seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After")) // 0 where it is none
	return min(time.Duration(max(0, seconds))*time.Second, time.Minute), again, fmt.Errorf("POST %s: it answered %d %s", u.of.to, resp.StatusCode, http.StatusText(resp.StatusCode))
}
