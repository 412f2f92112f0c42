package main

import (
	"fmt"
	"log/slog"
	"net"
	"time"

	"parley/pkg/access"
	"parley/pkg/webhook"
)

// configSetting names the file with all other settings. The file itself cannot contain it.
var configSetting = setting{
	name: "config", value: "path", doc: "YAML file with settings; [deploy/parley.yaml](deploy/parley.yaml) is an example",
	set: func(*config, string) error { return nil },
}

// sections lists all settings. A new setting needs an entry here and a field of config. Its
// variable, its key in the file and its help follow from the entry. `make gen` updates the table in
// README.md and deploy/parley.yaml.
//
// access stands before the rates, because their default depends on it.
var sections = []section{
	{"Network and storage", []setting{
		configSetting,
		{name: "addr", value: "host:port", def: ":8080", example: "127.0.0.1:9000", doc: "address to listen on",
			set: into(func(c *config) *string { return &c.addr }, address)},
		{name: "store", value: "local|redis", def: "local", doc: "where sessions are stored: `local` in a file of a single node, `redis` for any number of nodes",
			set: into(func(c *config) *string { return &c.store }, oneOf("local", "redis"))},
		{name: "data-dir", value: "path", def: "./data", example: "/var/lib/parley", doc: "directory of the embedded store",
			set: into(func(c *config) *string { return &c.dataDir }, nonempty("give a directory"))},
		{name: "runtimes-dir", value: "path", example: "/usr/share/parley/runtimes", doc: "directory with additional or newer language runtimes, as `make runtimes` builds them; by default only the runtimes in the binary",
			set: into(func(c *config) *string { return &c.runtimesDir }, nonempty("give a directory"))},
		{name: "wheels-dir", value: "path", example: "/usr/share/parley/wheels", doc: "directory with wheels of the Pyodide release in use, so that Python programs can import them (numpy, pandas, …)",
			set: into(func(c *config) *string { return &c.wheelsDir }, nonempty("give a directory"))},
		{name: "questions-dir", value: "path", example: "/srv/questions", doc: "directory with questions of your own, one folder each ([docs/questions.md](docs/questions.md)); changes are noticed while the server runs",
			set: into(func(c *config) *string { return &c.questionsDir }, nonempty("give a directory"))},
		{name: "redis-url", value: "url", quiet: true, example: "redis://redis:6379", doc: "address of Redis for `--store redis`; use `rediss://` for TLS, several hosts for a cluster, `?master_name=` for Sentinel",
			set: into(func(c *config) *string { return &c.redisURL }, redisURL)},
		{name: "public-url", value: "url", example: "https://parley.example", doc: "scheme and host that links start with; by default the address of the request",
			set: into(func(c *config) *string { return &c.publicURL }, origin)},
		{name: "trusted-proxy", value: "address|network", list: true, example: "10.0.0.0/8", doc: "address or network of a proxy whose `X-Forwarded` headers are trusted; repeatable",
			set: add(func(c *config) *[]*net.IPNet { return &c.trustedProxies }, network)},
		{name: "metrics-addr", value: "host:port|off", def: "127.0.0.1:9464", example: ":9464", doc: "address that serves `/metrics` to Prometheus; `off` to disable",
			set: into(func(c *config) *string { return &c.metricsAddr }, addressOrOff)},
		{name: "drain-time", value: "duration", def: "5s", example: "30s", doc: "time over which connections are closed after SIGTERM",
			set: into(func(c *config) *time.Duration { return &c.drainTime }, durationWithin(time.Millisecond, time.Hour))},
	}},
	{"Access", []setting{
		{name: "access", value: "invite|open", def: "invite", example: "open", doc: "`invite` needs links and tokens; `open` lets anyone read and write any session (for development and plain y-websocket clients)",
			set: into(func(c *config) *bool { return &c.open }, isOpen)},
		{name: "session-ttl", value: "duration", def: "24h", example: "72h", doc: "time from the creation of a session to its deletion",
			set: into(func(c *config) *time.Duration { return &c.sessionTTL }, durationWithin(time.Second, 10*365*24*time.Hour))},
		{name: "secret", value: "text", quiet: true, example: "openssl rand -hex 32 makes a good one", doc: fmt.Sprintf("key that signs tokens, at least %d characters; by default generated once and kept in the store", access.MinSecret),
			set: into(func(c *config) *string { return &c.secret }, atLeast(access.MinSecret))},
		{name: "allowed-origin", value: "url", list: true, example: "https://careers.example", doc: "additional origin whose pages may connect; repeatable",
			set: add(func(c *config) *[]string { return &c.allowedOrigins }, origin)},
		{name: "api-key", value: "text", list: true, quiet: true, example: "change-me-too", doc: fmt.Sprintf("key of at least %d characters; with any key set, creating a session needs a key, and a key may list and delete all sessions; repeatable", access.MinKey),
			set: add(func(c *config) *[]string { return &c.apiKeys }, atLeast(access.MinKey))},
	}},
	{"Sign-in of interviewers (candidates and observers never sign in)", []setting{
		{name: "sign-in", value: "none|oidc|header", def: "none", example: "oidc", doc: "who may create sessions and join as interviewer: `none` anybody, `oidc` people of an OpenID Connect provider, `header` people whom a proxy names",
			set: into(func(c *config) *string { return &c.signIn.mode }, oneOf("none", "oidc", "header"))},
		{name: "oidc-issuer", value: "url", example: "https://login.example/realms/staff", doc: "issuer of the provider, as in its discovery document",
			set: into(func(c *config) *string { return &c.signIn.oidc.Issuer }, webAddress)},
		{name: "oidc-client-id", value: "text", example: "parley", doc: "id of this service at the provider",
			set: into(func(c *config) *string { return &c.signIn.oidc.ClientID }, nonempty("give the id that the provider shows"))},
		{name: "oidc-client-secret", value: "text", quiet: true, example: "change-me", doc: "secret of this service at the provider; leave out for a public client",
			set: into(func(c *config) *string { return &c.signIn.oidc.ClientSecret }, nonempty("give the secret that the provider shows"))},
		{name: "oidc-scopes", value: "text", def: "profile email", example: "profile email groups", doc: "scopes to ask for beside `openid`, separated by blanks",
			set: into(func(c *config) *[]string { return &c.signIn.oidc.Scopes }, scopes)},
		{name: "oidc-groups-claim", value: "text", def: "groups", example: "realm_access.roles", doc: "claim with the groups of a person; dots lead into objects",
			set: into(func(c *config) *string { return &c.signIn.oidc.GroupsClaim }, word)},
		{name: "oidc-groups", value: "text", list: true, example: "engineering", doc: "group that may interview; repeatable; by default everybody at the provider",
			set: add(func(c *config) *[]string { return &c.signIn.oidc.Policy.Groups }, nonempty("give the name of a group"))},
		{name: "oidc-admins", value: "text", list: true, example: "it-admins", doc: "group that administers this service; repeatable",
			set: add(func(c *config) *[]string { return &c.signIn.oidc.Policy.Admins }, nonempty("give the name of a group"))},
		{name: "header-preset", value: "authelia|oauth2-proxy", def: "authelia", example: "oauth2-proxy", doc: "names of the headers of `--sign-in header`: `Remote-User` and so on, or `X-Auth-Request-User` and so on",
			set: into(func(c *config) *string { return &c.signIn.preset }, oneOf("authelia", "oauth2-proxy"))},
		{name: "header-user", value: "name", example: "X-Forwarded-User", doc: "header with the user's id, in place of the preset's",
			set: into(func(c *config) *string { return &c.signIn.headers.User }, word)},
		{name: "header-name", value: "name", example: "X-Forwarded-Name", doc: "header with the user's name, in place of the preset's",
			set: into(func(c *config) *string { return &c.signIn.headers.Name }, word)},
		{name: "header-email", value: "name", example: "X-Forwarded-Email", doc: "header with the user's e-mail address, in place of the preset's",
			set: into(func(c *config) *string { return &c.signIn.headers.Email }, word)},
		{name: "header-groups", value: "name", example: "X-Forwarded-Groups", doc: "header with the user's groups, separated by commas, in place of the preset's",
			set: into(func(c *config) *string { return &c.signIn.headers.Groups }, word)},
		{name: "header-admins", value: "text", list: true, example: "it-admins", doc: "group in that header that administers this service; repeatable",
			set: add(func(c *config) *[]string { return &c.signIn.headers.Policy.Admins }, nonempty("give the name of a group"))},
	}},
	{"Archive", []setting{
		{name: "archive", value: "auto|off|dir:path|s3://…", def: "auto", example: "s3://interviews/parley?endpoint=minio.example:9000&region=eu-central-1&path_style=1", doc: "where interviews go that have ended: `dir:PATH`, or `s3://bucket/prefix?endpoint=host&region=name&path_style=1&insecure=1`; `auto`: `archive` in the data directory with the embedded store, else `off`",
			set: into(func(c *config) *archivePlace { return &c.archive }, archiveSetting)},
		{name: "archive-retention", value: "30d|duration|0", def: "30d", example: "365d", doc: "how long an archived interview is kept from its end, in days or as a duration; 0: for ever",
			set: into(func(c *config) *time.Duration { return &c.archiveRetention }, retention)},
		{name: "archive-key", value: "text", quiet: true, example: "AKIA…", doc: "access key of the bucket",
			set: into(func(c *config) *string { return &c.archiveKeys.Access }, nonempty("give the access key"))},
		{name: "archive-secret", value: "text", quiet: true, example: "change-me-three", doc: "secret key of the bucket",
			set: into(func(c *config) *string { return &c.archiveKeys.Secret }, nonempty("give the secret key"))},
	}},
	{"Limits (`auto` means the number named below, or no limit with open access)", []setting{
		{name: "max-doc-bytes", value: "size", def: "8MiB", example: "16MiB", doc: "largest encoded document",
			set: into(func(c *config) *int { return &c.maxDocBytes }, sizeWithin(64<<10, 1<<30))},
		{name: "max-message-bytes", value: "size", def: "1MiB", example: "256KiB", doc: "largest websocket message",
			set: into(func(c *config) *int { return &c.maxMsgBytes }, sizeWithin(1<<10, 256<<20))},
		{name: "create-rate", value: "n|auto", def: "auto", auto: 120, example: "30", doc: "sessions that one address may create in a minute; 0: no limit; `auto`: 120",
			set: rate(func(c *config) *int { return &c.createRate }, 120)},
		{name: "invite-failures", value: "n|auto", def: "auto", auto: 60, example: "20", doc: "wrong invite codes and API keys from one address in a minute; 0: no limit; `auto`: 60",
			set: rate(func(c *config) *int { return &c.inviteFailures }, 60)},
		{name: "join-rate", value: "n|auto", def: "auto", auto: 600, example: "100", doc: "joins from one address in a minute; 0: no limit; `auto`: 600",
			set: rate(func(c *config) *int { return &c.joinRate }, 600)},
		{name: "max-connections", value: "n|auto", def: "auto", auto: 10_000, example: "500", doc: "open websockets from one address; 0: no limit; `auto`: 10000",
			set: rate(func(c *config) *int { return &c.maxConns }, 10_000)},
		{name: "message-rate", value: "n|auto", def: "auto", auto: 2000, example: "500", doc: "websocket messages from one connection in a second; 0: no limit; `auto`: 2000",
			set: rate(func(c *config) *int { return &c.messageRate }, 2000)},
		{name: "api-key-rate", value: "n|auto", def: "auto", auto: 600, example: "60", doc: "sessions that one API key may create in a minute; 0: no limit; `auto`: 600",
			set: rate(func(c *config) *int { return &c.keyCreateRate }, 600)},
	}},
	{"TLS, logs, traces", []setting{
		{name: "tls-cert", value: "path", example: "/etc/parley/tls.crt", doc: "certificate chain in PEM, to serve HTTPS without a proxy; reloaded when the file changes or on SIGHUP",
			set: into(func(c *config) *string { return &c.tlsCert }, nonempty("give a file"))},
		{name: "tls-key", value: "path", example: "/etc/parley/tls.key", doc: "private key of the certificate, in PEM",
			set: into(func(c *config) *string { return &c.tlsKey }, nonempty("give a file"))},
		{name: "log-level", value: "debug|info|warn|error", def: "info", example: "debug", doc: "lowest level that is logged; SIGUSR1 switches to debug and back, `PUT /log-level` on the metrics listener sets any level",
			set: into(func(c *config) *slog.Level { return &c.logLevel }, logLevel)},
		{name: "log-format", value: "auto|text|json", def: "auto", example: "json", doc: "format of the log; `auto` writes text to a terminal and JSON elsewhere",
			set: into(func(c *config) *string { return &c.logFormat }, oneOf("auto", "text", "json"))},
		{name: "pprof", doc: "serve Go's profiles at `/debug/pprof/` on the metrics listener",
			set: into(func(c *config) *bool { return &c.pprof }, isTrue)},
		{name: "otlp-endpoint", value: "url", also: "OTEL_EXPORTER_OTLP_ENDPOINT", example: "http://collector:4318", doc: "OpenTelemetry collector that receives traces of requests and store calls, by OTLP over HTTP; `OTEL_EXPORTER_OTLP_ENDPOINT` sets it too",
			set: into(func(c *config) *string { return &c.otlpEndpoint }, webAddress)},
		{name: "trace-ratio", value: "0..1", def: "0.1", example: "1", doc: "fraction of the traces that are sent",
			set: into(func(c *config) *float64 { return &c.traceRatio }, share)},
	}},
	{"Webhooks", []setting{
		{name: "webhook-url", value: "url", example: "https://ats.example/parley", doc: "address that gets session.created, participant.joined, session.ended, session.expired, session.deleted and scorecard.submitted by POST",
			set: into(func(c *config) *string { return &c.webhookURL }, webAddress)},
		{name: "webhook-secret", value: "text", quiet: true, example: "change-me", doc: "key that signs webhooks: `whsec_` and base64, or any text; required with `--webhook-url`, unless the format is `slack`",
			set: into(func(c *config) *string { return &c.webhookSecret }, func(s string) (string, error) {
				_, err := webhook.Key(s)
				return s, err
			})},
		{name: "webhook-format", value: "json|slack", def: "json", example: "slack", doc: "what is sent: `json` the whole event, `slack` a line with a link for the incoming webhooks of Slack, Mattermost and Teams",
			set: into(func(c *config) *string { return &c.webhookFormat }, oneOf(webhook.FormatJSON, webhook.FormatSlack))},
	}},
}
