package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"strings"
	"time"

	"parley/pkg/archive/s3store"
	"parley/pkg/webhook"
)

// lookup reads an environment variable, as os.LookupEnv does.
type lookup func(name string) (string, bool)

// config holds every setting of serve, checked. The meaning of each field is documented beside its
// flag, in sections.
type config struct {
	addr           string
	store          string
	dataDir        string
	runtimesDir    string // "": only the runtimes in the binary
	wheelsDir      string // "": no wheels
	questionsDir   string // "": the questions of the program alone
	redisURL       string
	open           bool
	sessionTTL     time.Duration
	secret         string // "": the secret that the store keeps
	publicURL      string
	allowedOrigins []string
	trustedProxies []*net.IPNet
	metricsAddr    string // "": no metrics
	maxDocBytes    int
	maxMsgBytes    int
	drainTime      time.Duration
	createRate     int // sessions per address and minute; 0: no limit
	inviteFailures int // wrong invite codes per address and minute; 0: no limit
	joinRate       int // joins per address and minute; 0: no limit
	keyCreateRate  int // sessions per API key and minute; 0: no limit
	maxConns       int // websockets per address; 0: no limit
	messageRate    int // messages per connection and second; 0: no limit
	apiKeys        []string
	signIn         signInConfig
	archive        archivePlace
	archiveKeys    s3store.Keys
	webhookURL     string // "": no webhooks
	webhookSecret  string
	webhookFormat  string
	tlsCert        string // "": plain HTTP
	tlsKey         string
	logLevel       slog.Level
	logFormat      string
	pprof          bool
	otlpEndpoint   string // "": no traces
	traceRatio     float64

	archiveRetention time.Duration // 0: for ever

	origins map[string]given // the source of each setting, by name
}

// given is the value of one setting and its source.
type given struct {
	source string   // as shown to a person: "--addr", "PARLEY_ADDR", "parley.yaml:3" or "default"
	values []string // more than one for a list only
	whole  bool     // values are not split at commas
}

// byDefault is the source of a setting that nobody set.
const byDefault = "default"

// chosen reports whether the setting was set explicitly.
func (c config) chosen(name string) bool { return c.origins[name].source != byDefault }

// check finds conflicts between settings.
func (c config) check() error {
	switch {
	case c.store == "redis" && c.redisURL == "":
		return errors.New("--store redis needs --redis-url, such as redis://host:port")
	case c.store != "redis" && c.redisURL != "":
		return errors.New("--redis-url needs --store redis")
	case (c.tlsCert == "") != (c.tlsKey == ""):
		return errors.New("set --tls-cert and --tls-key together")
	case c.webhookURL != "" && c.webhookSecret == "" && c.webhookFormat != webhook.FormatSlack:
		return errors.New("--webhook-url needs --webhook-secret, so that the receiver can verify the sender")
	case c.webhookSecret != "" && c.webhookURL == "":
		return errors.New("--webhook-secret needs --webhook-url")
	}
	if err := c.checkArchive(); err != nil {
		return err
	}
	if err := c.checkSignIn(); err != nil {
		return err
	}
	if err := isDirectory("runtimes-dir", c.runtimesDir); err != nil {
		return err
	}
	return errors.Join(isDirectory("wheels-dir", c.wheelsDir), isDirectory("questions-dir", c.questionsDir))
}

// parseConfig reads the settings. A flag wins over a variable, a variable over the file of
// --config, and the file over the default. The error is one line for a person. flag.ErrHelp means
// that help was requested.
func parseConfig(args []string, env lookup) (config, error) {
	flags, err := parseFlags(args)
	if err != nil {
		return config{}, err
	}
	file, err := configFile(flags, env)
	if err != nil {
		return config{}, err
	}
	c := config{origins: map[string]given{}}
	for _, s := range settings() {
		g, err := s.find(flags, env, file)
		if err != nil {
			return config{}, err
		}
		if err := s.apply(&c, g); err != nil {
			return config{}, err
		}
		c.origins[s.name] = g
	}
	return c, c.check()
}

// parseFlags returns the values of each flag, by name.
func parseFlags(args []string) (map[string][]string, error) {
	values := map[string][]string{}
	fs := flag.NewFlagSet("serve", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	for _, s := range settings() {
		take := func(v string) error {
			if !s.list {
				values[s.name] = nil // the last value counts
			}
			values[s.name] = append(values[s.name], v)
			return nil
		}
		if s.isSwitch() {
			fs.BoolFunc(s.name, "", take)
		} else {
			fs.Func(s.name, "", take)
		}
	}
	if err := fs.Parse(args); err != nil {
		if text, ok := strings.CutPrefix(err.Error(), "flag provided but not defined: -"); ok {
			return nil, fmt.Errorf("unknown flag --%s; run parley help for a list", strings.TrimPrefix(text, "-"))
		}
		if text, ok := strings.CutPrefix(err.Error(), "flag needs an argument: -"); ok {
			return nil, fmt.Errorf("--%s needs a value", text)
		}
		return nil, err
	}
	if fs.NArg() > 0 {
		return nil, fmt.Errorf("unexpected argument %q; only flags are allowed here", fs.Arg(0))
	}
	return values, nil
}

// configFile reads the file that --config or its variable names. Without a file, the result is nil.
func configFile(flags map[string][]string, env lookup) (map[string]given, error) {
	path, source := "", ""
	if v, ok := env(configSetting.variable()); ok {
		path, source = v, configSetting.variable()
	}
	if v := flags[configSetting.name]; len(v) > 0 {
		path, source = v[0], "--"+configSetting.name
	}
	if path == "" {
		return nil, nil
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("bad value %q for %s: %w", path, source, unwrapPath(err))
	}
	return parseFile(path, raw)
}

// unwrapPath removes operation and path from an error that is shown next to the path.
func unwrapPath(err error) error {
	if p := (*os.PathError)(nil); errors.As(err, &p) {
		return p.Err
	}
	return err
}
