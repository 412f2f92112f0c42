package main

import (
	"fmt"
	"log/slog"
	"net"
	"time"

	"parley/pkg/access"
	"parley/pkg/webhook"
)

// configSetting names the file with the others, and cannot stand in it.
var configSetting = setting{
	name: "config", value: "path", doc: "YAML file with settings, as [deploy/parley.yaml](deploy/parley.yaml) has them",
	set: func(*config, string) error { return nil },
}

// sections is the one list of what can be set. A new setting is an entry here and a field of config; its variable, its key in the file,
// the help, and with `make gen` the table in README.md and deploy/parley.yaml follow.
//
// access stands before the rates, whose default depends on it.
var sections = []section{
	{"Where it listens, where it keeps what", []setting{
		configSetting,
		{name: "addr", value: "host:port", def: ":8080", example: "127.0.0.1:9000", doc: "where to listen",
			set: into(func(c *config) *string { return &c.addr }, address)},
		{name: "store", value: "local|redis", def: "local", doc: "where sessions are kept: `local` in a file of this one node, `redis` for any number of nodes",
			set: into(func(c *config) *string { return &c.store }, oneOf("local", "redis"))},
		{name: "data-dir", value: "path", def: "./data", example: "/var/lib/parley", doc: "directory of the embedded store",
			set: into(func(c *config) *string { return &c.dataDir }, nonempty("give a directory"))},
		{name: "runtimes-dir", value: "path", example: "/usr/share/parley/runtimes", doc: "directory with further language runtimes, or newer ones, as `make runtimes` lays them out; by default those in the binary",
			set: into(func(c *config) *string { return &c.runtimesDir }, nonempty("give a directory"))},
		{name: "wheels-dir", value: "path", example: "/usr/share/parley/wheels", doc: "directory with wheels of the Pyodide release in use, which Python programs can then import (numpy, pandas, …)",
			set: into(func(c *config) *string { return &c.wheelsDir }, nonempty("give a directory"))},
		{name: "redis-url", value: "url", quiet: true, example: "redis://redis:6379", doc: "where Redis is, for `--store redis`; `rediss://` for TLS, several hosts for a cluster, `?master_name=` for Sentinel",
			set: into(func(c *config) *string { return &c.redisURL }, redisURL)},
		{name: "public-url", value: "url", example: "https://parley.example", doc: "what links start with; by default the address that the request came to",
			set: into(func(c *config) *string { return &c.publicURL }, origin)},
		{name: "trusted-proxy", value: "address|network", list: true, example: "10.0.0.0/8", doc: "address or network of a proxy whose `X-Forwarded` headers count; repeatable",
			set: add(func(c *config) *[]*net.IPNet { return &c.trustedProxies }, network)},
		{name: "metrics-addr", value: "host:port|off", def: "127.0.0.1:9464", example: ":9464", doc: "where `/metrics` is served for Prometheus; `off` for nowhere",
			set: into(func(c *config) *string { return &c.metricsAddr }, addressOrOff)},
		{name: "drain-time", value: "duration", def: "5s", example: "30s", doc: "over how long connections are closed on SIGTERM",
			set: into(func(c *config) *time.Duration { return &c.drainTime }, durationWithin(time.Millisecond, time.Hour))},
	}},
	{"Who may come in", []setting{
		{name: "access", value: "invite|open", def: "invite", example: "open", doc: "`invite`: links and tokens; `open`: no tokens, anyone may read and write any session (development, plain y-websocket clients)",
			set: into(func(c *config) *bool { return &c.open }, isOpen)},
		{name: "session-ttl", value: "duration", def: "24h", example: "72h", doc: "how long a session lives from its creation; after that it is deleted",
			set: into(func(c *config) *time.Duration { return &c.sessionTTL }, durationWithin(time.Second, 10*365*24*time.Hour))},
		{name: "secret", value: "text", quiet: true, example: "openssl rand -hex 32 makes a good one", doc: fmt.Sprintf("key that signs tokens, at least %d characters; by default made once and kept in the store", access.MinSecret),
			set: into(func(c *config) *string { return &c.secret }, atLeast(access.MinSecret))},
		{name: "allowed-origin", value: "url", list: true, example: "https://careers.example", doc: "a further origin whose pages may connect, beside the own one; repeatable",
			set: add(func(c *config) *[]string { return &c.allowedOrigins }, origin)},
		{name: "api-key", value: "text", list: true, quiet: true, example: "change-me-too", doc: fmt.Sprintf("a key of %d characters or more without which no session can be created, and with which all can be listed and deleted; repeatable", access.MinKey),
			set: add(func(c *config) *[]string { return &c.apiKeys }, atLeast(access.MinKey))},
	}},
	{"Limits; `auto` is the number named, and with open access any", []setting{
		{name: "max-doc-bytes", value: "size", def: "8MiB", example: "16MiB", doc: "largest document, encoded",
			set: into(func(c *config) *int { return &c.maxDocBytes }, sizeWithin(64<<10, 1<<30))},
		{name: "max-message-bytes", value: "size", def: "1MiB", example: "256KiB", doc: "largest websocket message",
			set: into(func(c *config) *int { return &c.maxMsgBytes }, sizeWithin(1<<10, 256<<20))},
		{name: "create-rate", value: "n|auto", def: "auto", auto: 120, example: "30", doc: "sessions that one address may create in a minute; 0: any number; `auto`: 120",
			set: rate(func(c *config) *int { return &c.createRate }, 120)},
		{name: "invite-failures", value: "n|auto", def: "auto", auto: 60, example: "20", doc: "invite codes and API keys that one address may get wrong in a minute; 0: any number; `auto`: 60",
			set: rate(func(c *config) *int { return &c.inviteFailures }, 60)},
		{name: "join-rate", value: "n|auto", def: "auto", auto: 600, example: "100", doc: "participants that one address may become in a minute; 0: any number; `auto`: 600",
			set: rate(func(c *config) *int { return &c.joinRate }, 600)},
		{name: "max-connections", value: "n|auto", def: "auto", auto: 10_000, example: "500", doc: "websockets that one address may have open; 0: any number; `auto`: 10000",
			set: rate(func(c *config) *int { return &c.maxConns }, 10_000)},
		{name: "message-rate", value: "n|auto", def: "auto", auto: 2000, example: "500", doc: "websocket messages that one connection may send in a second; 0: any number; `auto`: 2000",
			set: rate(func(c *config) *int { return &c.messageRate }, 2000)},
		{name: "api-key-rate", value: "n|auto", def: "auto", auto: 600, example: "60", doc: "sessions that one API key may create in a minute; 0: any number; `auto`: 600",
			set: rate(func(c *config) *int { return &c.keyCreateRate }, 600)},
	}},
	{"TLS, logs, traces", []setting{
		{name: "tls-cert", value: "path", example: "/etc/parley/tls.crt", doc: "certificate chain in PEM, to serve HTTPS itself; read anew when the file changes or on SIGHUP",
			set: into(func(c *config) *string { return &c.tlsCert }, nonempty("give a file"))},
		{name: "tls-key", value: "path", example: "/etc/parley/tls.key", doc: "its private key in PEM",
			set: into(func(c *config) *string { return &c.tlsKey }, nonempty("give a file"))},
		{name: "log-level", value: "debug|info|warn|error", def: "info", example: "debug", doc: "what is logged; SIGUSR1 switches to debug and back, `PUT /log-level` on the metrics listener to any",
			set: into(func(c *config) *slog.Level { return &c.logLevel }, logLevel)},
		{name: "log-format", value: "auto|text|json", def: "auto", example: "json", doc: "how; `auto`: text on a terminal, else JSON",
			set: into(func(c *config) *string { return &c.logFormat }, oneOf("auto", "text", "json"))},
		{name: "pprof", doc: "serve Go's profiles at `/debug/pprof/` on the metrics listener",
			set: into(func(c *config) *bool { return &c.pprof }, isTrue)},
		{name: "otlp-endpoint", value: "url", also: "OTEL_EXPORTER_OTLP_ENDPOINT", example: "http://collector:4318", doc: "OpenTelemetry collector that gets traces of requests and store calls, by OTLP over HTTP; `OTEL_EXPORTER_OTLP_ENDPOINT` sets it too",
			set: into(func(c *config) *string { return &c.otlpEndpoint }, webAddress)},
		{name: "trace-ratio", value: "0..1", def: "0.1", example: "1", doc: "share of the traces that is sent",
			set: into(func(c *config) *float64 { return &c.traceRatio }, share)},
	}},
	{"What it tells others", []setting{
		{name: "webhook-url", value: "url", example: "https://ats.example/parley", doc: "where to POST session.created, participant.joined, session.ended, session.expired",
			set: into(func(c *config) *string { return &c.webhookURL }, webAddress)},
		{name: "webhook-secret", value: "text", quiet: true, example: "change-me", doc: "what webhooks are signed with: `whsec_` and base64, or any text; needed with `--webhook-url`",
			set: into(func(c *config) *string { return &c.webhookSecret }, func(s string) (string, error) {
				_, err := webhook.Key(s)
				return s, err
			})},
	}},
}
