package telemetry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Tracing sends spans of requests and of store calls to an OpenTelemetry collector.
type Tracing struct {
	provider   *sdktrace.TracerProvider
	tracer     trace.Tracer
	propagator propagation.TraceContext
}

// TracingOptions say where spans go, and which spans.
type TracingOptions struct {
	Endpoint string  // address of the collector, OTLP over HTTP: http://collector:4318
	Ratio    float64 // share of the traces that begin here; a caller with a trace decides itself
	Version  string  // of this program
	Node     string  // name of this node, sent as service.instance.id
	Logger   *slog.Logger
}

// NewTracing starts to send spans. A collector that cannot be reached is no error: spans wait for a
// little, then they are dropped and the failure is logged.
func NewTracing(ctx context.Context, opts TracingOptions) (*Tracing, error) {
	target, err := url.Parse(opts.Endpoint)
	if err != nil {
		return nil, fmt.Errorf("read the endpoint of traces: %w", err)
	}
	if !strings.HasSuffix(target.Path, "/v1/traces") {
		target = target.JoinPath("v1", "traces")
	}
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(target.String()), otlptracehttp.WithTimeout(5*time.Second))
	if err != nil {
		return nil, fmt.Errorf("send traces: %w", err)
	}
	about := resource.NewSchemaless(attribute.String("service.name", "parley"), attribute.String("service.version", opts.Version),
		attribute.String("service.instance.id", opts.Node))
	if fromEnv, err := resource.New(ctx, resource.WithFromEnv()); err == nil {
		if merged, err := resource.Merge(about, fromEnv); err == nil {
			about = merged
		}
	}
	t := &Tracing{provider: sdktrace.NewTracerProvider(
		sdktrace.WithBatcher(exporter), sdktrace.WithResource(about), sdktrace.WithSampler(sdktrace.ParentBased(sdktrace.TraceIDRatioBased(opts.Ratio))),
	)}
	t.tracer = t.provider.Tracer("parley")
	failures := &sendErrors{log: opts.Logger}
	otel.SetErrorHandler(failures) // the library has one handler for the whole process
	return t, nil
}

// Close sends the waiting spans. Nothing is traced afterwards. A nil Tracing does nothing.
func (t *Tracing) Close(ctx context.Context) error {
	if t == nil {
		return nil
	}
	if err := t.provider.Shutdown(ctx); err != nil {
		return fmt.Errorf("send the last traces: %w", err)
	}
	return nil
}

// Request starts the span of a request. parent is the request's traceparent header. The returned
// function ends the span: route is the pattern, session is the id or "".
func (t *Tracing) Request(ctx context.Context, method, parent, request string) (context.Context, func(route, session string, status int)) {
	ctx = t.propagator.Extract(ctx, propagation.MapCarrier{"traceparent": parent})
	ctx, span := t.tracer.Start(ctx, method, trace.WithSpanKind(trace.SpanKindServer),
		trace.WithAttributes(attribute.String("http.request.method", method), attribute.String("parley.request", request)))
	return ctx, func(route, session string, status int) {
		span.SetName(method + " " + route)
		span.SetAttributes(attribute.String("http.route", route), attribute.Int("http.response.status_code", status))
		if session != "" {
			span.SetAttributes(attribute.String("parley.session", session))
		}
		if status >= 500 {
			span.SetStatus(codes.Error, "")
		}
		span.End()
	}
}

// call starts the span of a store call. The returned function ends it. Expected errors are answers,
// and do not mark the span as failed.
func (t *Tracing) call(ctx context.Context, name, session string, expected ...error) (context.Context, func(error)) {
	ctx, span := t.tracer.Start(ctx, "store."+name, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(attribute.String("parley.session", session)))
	return ctx, func(err error) {
		if err != nil {
			span.RecordError(err)
			fault := true
			for _, e := range expected {
				fault = fault && !errors.Is(err, e)
			}
			if fault {
				span.SetStatus(codes.Error, err.Error())
			}
		}
		span.End()
	}
}

// sendErrors logs that traces cannot be sent, at most once a minute.
type sendErrors struct {
	log  *slog.Logger
	mu   sync.Mutex // guards last
	last time.Time
}

// Handle implements otel.ErrorHandler.
func (c *sendErrors) Handle(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.last) > time.Minute {
		c.last = time.Now()
		c.log.Warn("traces cannot be sent", "err", err)
	}
}
