package observe

import (
	"context"
	"log/slog"
	"net/http"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/connect"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Traces draw requests, and the steps of rollouts, with the calls that they make. Those that
// nobody configured do nothing, and start nothing.
type Traces struct {
	tracer   trace.Tracer
	provider *sdktrace.TracerProvider // nil: they are off
	incoming propagation.TraceContext
}

// TraceOptions are what Traces need.
type TraceOptions struct {
	// Getenv reads the standard variables of OpenTelemetry.
	Getenv func(string) string
	// Version is that of the server.
	Version string
	// Log takes what becomes of traces that are lost; nil: it is lost too.
	Log *slog.Logger
}

// scope is who draws.
const scope = "github.com/hotswap-io/terraform-provider-hotswap/internal/server"

// NewTraces makes traces as the standard variables say. It reaches nobody. The error says all
// that is wrong with the variables, or which file cannot be read.
func NewTraces(ctx context.Context, o TraceOptions) (*Traces, error) {
	of, ps := readTracing(o.Getenv)
	switch {
	case len(ps) > 0:
		return nil, ps
	case !of.on:
		return &Traces{tracer: noop.NewTracerProvider().Tracer(scope)}, nil
	}
	of.reach.UserAgent = "hotswap/" + o.Version
	client, err := connect.New(of.reach)
	if err != nil {
		return nil, err
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	exporter, err := otlptrace.New(ctx, &uploader{of: of, client: client, log: o.Log})
	if err != nil {
		return nil, err
	}
	self, err := resource.New(ctx, resource.WithAttributes(attribute.String("service.name", "hotswap"), attribute.String("service.version", o.Version)),
		resource.WithTelemetrySDK(), resource.WithFromEnv())
	if err != nil {
		return nil, err
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(self))
	return &Traces{tracer: provider.Tracer(scope, trace.WithInstrumentationVersion(o.Version)), provider: provider}, nil
}

// Close sends what was not sent yet.
func (t *Traces) Close(ctx context.Context) error {
	if t.provider == nil {
		return nil
	}
	return t.provider.Shutdown(ctx)
}

// Request draws the requests of an operation of the API, below what the client says that it
// draws.
func (t *Traces) Request(operation string, next http.Handler) http.Handler {
	if t.provider == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := t.incoming.Extract(r.Context(), propagation.HeaderCarrier(r.Header))
		ctx, span := t.tracer.Start(ctx, operation, trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(
			attribute.String("http.request.method", r.Method), attribute.String("http.route", operation), attribute.String("url.path", r.URL.Path)))
		said := &statusWriter{ResponseWriter: w}
		defer func() {
			span.SetAttributes(attribute.Int("http.response.status_code", said.code()))
			if said.code() >= http.StatusInternalServerError {
				span.SetStatus(codes.Error, http.StatusText(said.code()))
			}
			span.End()
		}()
		next.ServeHTTP(said, r.WithContext(ctx))
	})
}

// Step draws a step of a rollout that is at h. Its end is told where the rollout is then, and
// what the step failed by.
func (t *Traces) Step(ctx context.Context, h engine.RolloutHead) (context.Context, func(engine.RolloutHead, error)) {
	if t.provider == nil {
		return ctx, func(engine.RolloutHead, error) {}
	}
	ctx, span := t.tracer.Start(ctx, "rollout.step", trace.WithAttributes(
		attribute.String("hotswap.rollout", h.Rollout), attribute.String("hotswap.environment", string(h.Environment)), attribute.String("hotswap.plugin", h.Plugin),
		attribute.String("hotswap.stage", h.Stage), attribute.String("hotswap.phase", string(h.Phase))))
	return ctx, func(after engine.RolloutHead, err error) {
		span.SetAttributes(attribute.String("hotswap.stage.after", after.Stage), attribute.String("hotswap.phase.after", string(after.Phase)), attribute.Int64("hotswap.events", after.Events-h.Events))
		end(span, err)
	}
}

// call implements Caller. A call outside of a step or a request, such as one that asks whether
// there is something to do, is not drawn.
func (t *Traces) call(ctx context.Context, of port, name string) (context.Context, func(error)) {
	if t.provider == nil || !trace.SpanContextFromContext(ctx).IsValid() {
		return ctx, func(error) {}
	}
	ctx, span := t.tracer.Start(ctx, string(of)+"."+name, trace.WithSpanKind(trace.SpanKindClient))
	return ctx, func(err error) { end(span, err) }
}

// end ends a span, with what failed.
func end(span trace.Span, err error) {
	if err != nil {
		span.SetStatus(codes.Error, engine.Visible(err.Error()))
	}
	span.End()
}
