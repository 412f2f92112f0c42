package faults_test

import (
	"bytes"
	"context"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"parley/pkg/store/redistest"
)

// leastRights are the rights that a Redis user needs, as listed in deploy/README.md.
var leastRights = []string{"~parley:*", "&parley:*", "+@read", "+@write", "+@pubsub", "+@scripting", "+@transaction", "+@connection", "+info", "+time", "+wait"}

// allow creates a user with the least rights on a server.
func allow(s *redistest.Server, more ...string) {
	user := append([]string{"ACL", "SETUSER", "ada", "on", ">p%ss", "resetkeys", "resetchannels", "-@all"}, leastRights...)
	s.Do(append(user, more...)...)
}

// Whole nodes work over Redis servers with authentication: an edit of one person reaches the other.
func TestSecuredRedis(t *testing.T) {
	t.Parallel()
	const password = "p%25ss" // escaped as in a URL; the password is p%ss
	for name, url := range map[string]func(t *testing.T) string{
		"password, TLS, client certificate": func(t *testing.T) string {
			return redistest.Start(t, redistest.Options{Password: "geheim", TLS: redistest.NewAuthority(t)}).URL()
		},
		"a user with the least rights": func(t *testing.T) string {
			s := redistest.Start(t, redistest.Options{Password: "admin"})
			allow(s)
			return s.URLAs("ada", password)
		},
		"Sentinels with another password, TLS": func(t *testing.T) string {
			return redistest.StartSentinel(t, redistest.Options{Password: "geheim", SentinelPassword: "another", TLS: redistest.NewAuthority(t)}).URL()
		},
		"a cluster, TLS, a user with the least rights": func(t *testing.T) string {
			c := redistest.StartCluster(t, redistest.Options{Password: "geheim", TLS: redistest.NewAuthority(t)}, redistest.MastersOnly)
			for _, m := range c.Masters {
				allow(m, "+cluster|slots")
			}
			return strings.Replace(c.URL(), ":geheim@", "ada:"+password+"@", 1)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			iv := begin(t, 4, startNodes(t, 2, url(t))...)
			iv.typeOn()
			iv.check()
		})
	}
}

// A wrong address gives one line that says what is wrong and what to do, without a secret.
func TestRefusedByRedis(t *testing.T) {
	t.Parallel()
	auth, foreign := redistest.NewAuthority(t), redistest.NewAuthority(t)
	secured := redistest.Start(t, redistest.Options{Password: "geheim", TLS: auth})
	locked := redistest.Start(t, redistest.Options{Password: "geheim"})
	locked.Do("ACL", "SETUSER", "reader", "on", ">geheim", "~*", "&*", "+@read", "+@connection", "+info")
	locked.Do("ACL", "SETUSER", "stranger", "on", ">geheim", "~other:*", "&*", "+@all")
	locked.Do("ACL", "SETUSER", "deaf", "on", ">geheim", "~*", "resetchannels", "+@all")
	open := redistest.Start(t, redistest.Options{})
	replica := redistest.Start(t, redistest.Options{Args: append([]string{"--replicaof"}, strings.Split(open.Addr(), ":")...)})
	sentinel := redistest.StartSentinel(t, redistest.Options{Password: "geheim", SentinelPassword: "another"})
	cluster := redistest.StartCluster(t, redistest.Options{}, redistest.MastersOnly)
	open.Do("SET", "future:schema", "2")
	ca := "?tls_ca=" + auth.CA
	certificate := "&tls_cert=" + auth.ClientCert + "&tls_key=" + auth.ClientKey
	for name, tc := range map[string]struct {
		url  string
		want []string
	}{
		"wrong password":                            {"redis://:falsch@" + locked.Addr(), []string{"refuses", "user or password"}},
		"no password":                               {"redis://" + locked.Addr(), []string{"wants a password", "redis://:password@"}},
		"an unknown user":                           {"redis://eve:geheim@" + locked.Addr(), []string{"refuses", "user or password"}},
		"rights: writing":                           {"redis://reader:geheim@" + locked.Addr(), []string{"may not", "ACL"}},
		"rights: keys":                              {"redis://stranger:geheim@" + locked.Addr(), []string{"may not", "~parley:*"}},
		"rights: channels":                          {"redis://deaf:geheim@" + locked.Addr(), []string{"may not", "&parley:*"}},
		"a replica":                                 {"redis://" + replica.Addr(), []string{"replica", "master"}},
		"plain to a TLS server":                     {"redis://:geheim@" + secured.Addr(), []string{"rediss://"}},
		"TLS to a plain server":                     {"rediss://:geheim@" + locked.Addr(), []string{"redis://", "TLS"}},
		"an untrusted authority":                    {"rediss://:geheim@" + secured.Addr(), []string{"authority", "tls_ca"}},
		"another authority":                         {"rediss://:geheim@" + secured.Addr() + "?tls_ca=" + foreign.CA + certificate, []string{"authority", "tls_ca"}},
		"no client certificate":                     {"rediss://:geheim@" + secured.Addr() + ca, []string{"client certificate", "tls_cert"}},
		"a client certificate of another authority": {"rediss://:geheim@" + secured.Addr() + ca + "&tls_cert=" + foreign.ClientCert + "&tls_key=" + foreign.ClientKey, []string{"client certificate", "tls_cert"}},
		"another name":                              {"rediss://:geheim@" + secured.Addr() + ca + certificate + "&tls_server_name=elsewhere", []string{"elsewhere", "tls_server_name"}},
		"no such file":                              {"rediss://h?tls_ca=" + filepath.Join(t.TempDir(), "none.pem"), []string{"tls_ca", "none.pem"}},
		"data of a newer version":                   {"redis://" + open.Addr() + "?prefix=future", []string{"newer version of Parley", "schema 2, this one knows 1", "update this node"}},
		"no server":                                 {"redis://:geheim@127.0.0.1:1", []string{"cannot be reached", "refused"}},
		"Sentinels' password wrong":                 {strings.Replace(sentinel.URL(), "another", "falsch", 1), []string{"Sentinel", "sentinel_password"}},
		"Sentinels' password missing":               {strings.Replace(sentinel.URL(), "&sentinel_password=another", "", 1), []string{"Sentinel", "sentinel_password"}},
		"Sentinels' master unknown":                 {strings.Replace(sentinel.URL(), "master_name=parley", "master_name=mymaster", 1), []string{"mymaster", "master_name"}},
		"master's password wrong":                   {strings.Replace(sentinel.URL(), "geheim", "falsch", 1), []string{"refuses", "user or password"}},
		"a node of a cluster":                       {"redis://" + cluster.Masters[0].Addr(), []string{"cluster=true"}},
		"no cluster":                                {"redis://" + open.Addr() + "?cluster=true", []string{"cluster=true", "leave"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// The node may start and serve for ever.
			ctx, cancel := context.WithTimeout(t.Context(), redistest.Deadline)
			defer cancel()
			cmd := exec.CommandContext(ctx, binary, "serve", "--store", "redis", "--redis-url", tc.url, "--addr", "127.0.0.1:0", "--metrics-addr", "off")
			var stdout, stderr bytes.Buffer
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			err := cmd.Run()
			said := stderr.String()
			t.Logf("%s", said)
			if err == nil || stdout.Len() > 0 || strings.Count(said, "\n") != 1 {
				t.Errorf("%v, stdout %q; want an end with one line: %s", err, stdout.String(), said)
			}
			for _, words := range tc.want {
				if !strings.Contains(said, words) {
					t.Errorf("the line lacks %q: %s", words, said)
				}
			}
			for _, secret := range []string{"geheim", "falsch", "another\"", "sentinel_password=another"} {
				if strings.Contains(said, secret) {
					t.Errorf("the line shows a secret: %s", said)
				}
			}
		})
	}
}
