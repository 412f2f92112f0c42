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

// Tracing sends spans of requests and of calls to the store to an OpenTelemetry collector.
type Tracing struct {
	provider   *sdktrace.TracerProvider
	tracer     trace.Tracer
	propagator propagation.TraceContext
}

// TracingOptions say where spans go, and which.
type TracingOptions struct {
	Endpoint string  // base address of the collector, OTLP over HTTP: http://collector:4318
	Ratio    float64 // of the traces that begin here, this share is sent; who comes with a trace decides for himself
	Version  string  // of this program
	Node     string  // its name, as service.instance.id
	Logger   *slog.Logger
}

// NewTracing begins to send. A collector that is away is no error: spans wait a little, then are dropped and that is logged.
func NewTracing(ctx context.Context, opts TracingOptions) (*Tracing, error) {
	target, err := url.Parse(opts.Endpoint)
	if err != nil {
		return nil, fmt.Errorf("endpoint of traces: %w", err)
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
	complain := &complainer{log: opts.Logger}
	otel.SetErrorHandler(complain) // the library has one for the process
	return t, nil
}

// Close sends what waits. Nothing is traced afterwards. On nil it does nothing.
func (t *Tracing) Close(ctx context.Context) error {
	if t == nil {
		return nil
	}
	if err := t.provider.Shutdown(ctx); err != nil {
		return fmt.Errorf("send the last traces: %w", err)
	}
	return nil
}

// Request begins the span of a request; parent is its traceparent header. The function ends it: route is the pattern, session the
// id, "" when there is none.
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

// call begins the span of a call to the store. The function ends it; expected errors are answers and not faults.
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

// complainer logs that traces cannot be sent, once a minute at most.
type complainer struct {
	log  *slog.Logger
	mu   sync.Mutex // guards last
	last time.Time
}

// Handle implements otel.ErrorHandler.
func (c *complainer) Handle(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.last) > time.Minute {
		c.last = time.Now()
		c.log.Warn("traces cannot be sent", "err", err)
	}
}
