package checks_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"
)

// read returns the content of a file in deploy/.
func read(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// The program reads every variable that a file of deploy/ sets.
func TestVariablesAreKnown(t *testing.T) {
	t.Parallel()
	help, err := exec.Command(program(t), "help").Output()
	if err != nil {
		t.Fatal(err)
	}
	known := string(help)
	variable := regexp.MustCompile(`PARLEY_[A-Z_]*[A-Z]\b`)
	for _, name := range []string{"compose.yaml", "Dockerfile", "systemd/parley.service", "helm/parley/templates/deployment.yaml", "README.md"} {
		for _, v := range variable.FindAllString(read(t, name), -1) {
			v = strings.TrimSuffix(v, "_FILE")
			// Used by compose itself.
			if v != "PARLEY_VERSION" && v != "PARLEY_SUBNET" && !strings.Contains(known, "("+v+")") {
				t.Errorf("%s sets %s, which parley does not know", name, v)
			}
		}
	}
}

// compose is the part of compose.yaml that the tests read.
type compose struct {
	Services map[string]struct {
		Environment map[string]string `yaml:"environment"`
		Grace       time.Duration     `yaml:"stop_grace_period"`
		ReadOnly    bool              `yaml:"read_only"`
		User        string            `yaml:"user"`
		Command     []string          `yaml:"command"`
		Volumes     []string          `yaml:"volumes"`
	} `yaml:"services"`
	Configs map[string]struct {
		Content string `yaml:"content"`
	} `yaml:"configs"`
}

func TestCompose(t *testing.T) {
	t.Parallel()
	var c compose
	if err := yaml.Unmarshal([]byte(read(t, "compose.yaml")), &c); err != nil {
		t.Fatal(err)
	}
	prometheusFile := read(t, "prometheus/prometheus.yaml")
	for _, name := range []string{"parley-1", "parley-2", "parley-3"} {
		s, ok := c.Services[name]
		drain, err := time.ParseDuration(s.Environment["PARLEY_DRAIN_TIME"])
		if !ok || err != nil || s.Grace < drain+20*time.Second || !s.ReadOnly || s.User != "65532:65532" || s.Environment["PARLEY_STORE"] != "redis" {
			t.Errorf("%s is %+v; want a grace longer than the drain and 20 s, a read-only root and no root user", name, s)
		}
		if !strings.Contains(prometheusFile, `"`+name+`:9464"`) {
			t.Errorf("Prometheus does not scrape %s", name)
		}
	}
	for _, want := range []string{"noeviction", "--appendonly"} {
		if !slices.Contains(c.Services["redis"].Command, want) {
			t.Errorf("redis is started without %s", want)
		}
	}
	for name, s := range c.Services { // every mounted file exists
		for _, v := range s.Volumes {
			if from, _, _ := strings.Cut(v, ":"); strings.HasPrefix(from, "./") {
				if _, err := os.Stat(filepath.Join("..", from)); err != nil {
					t.Errorf("%s mounts %s: %v", name, from, err)
				}
			}
		}
	}
	// The balancer is trusted wherever the network is.
	subnet := regexp.MustCompile(`subnet: (\$\{PARLEY_SUBNET:-[0-9./]+\})`).FindStringSubmatch(read(t, "compose.yaml"))
	if subnet == nil || c.Services["parley-1"].Environment["PARLEY_TRUSTED_PROXY"] != subnet[1] {
		t.Errorf("the subnet is %q, trusted is %q", subnet, c.Services["parley-1"].Environment["PARLEY_TRUSTED_PROXY"])
	}
	config := filepath.Join(t.TempDir(), "haproxy.cfg")
	if err := os.WriteFile(config, []byte(c.Configs["haproxy"].Content), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(tool(t, "haproxy"), "-c", "-f", config).CombinedOutput(); err != nil {
		t.Errorf("haproxy: %v\n%s", err, out)
	}
}

// Everything that stops a node gives it more time than the drain takes.
func TestGraceIsLongerThanTheDrain(t *testing.T) {
	t.Parallel()
	unit := read(t, "systemd/parley.service")
	for _, want := range []string{"TimeoutStopSec=60s", "KillSignal=SIGTERM", "RestartPreventExitStatus=2", "LimitNOFILE=", "NoNewPrivileges=yes", "ProtectSystem=strict"} {
		if !strings.Contains(unit, want) {
			t.Errorf("the unit has no %s", want)
		}
	}
	chart := read(t, "helm/parley/templates/deployment.yaml")
	for _, want := range []string{
		"terminationGracePeriodSeconds: {{ add 5 .Values.drainSeconds 30 }}", "path: /readyz", "path: /healthz", "readOnlyRootFilesystem: true", "runAsNonRoot: true",
	} {
		if !strings.Contains(chart, want) {
			t.Errorf("the chart has no %s", want)
		}
	}
	for _, want := range []string{".Values.extraEnv ", ".Values.extraVolumes ", ".Values.extraVolumeMounts ", ".Values.initContainers "} {
		if !strings.Contains(chart, want) {
			t.Errorf("the chart has no place for%s", want)
		}
	}
	if notes := read(t, "helm/parley/templates/NOTES.txt"); !strings.Contains(notes, "parley_connections") || !strings.Contains(notes, "autoscaling.connections=0") {
		t.Error("the notes of the chart do not name the metric that autoscaling needs")
	}
	// The chart links to the rules and dashboards of this folder instead of copying them.
	for link, want := range map[string]string{"files/rules.yaml": "prometheus/rules.yaml", "files/dashboards/parley-overview.json": "grafana/dashboards/parley-overview.json"} {
		if read(t, filepath.Join("helm/parley", link)) != read(t, want) {
			t.Errorf("the chart's %s is not %s", link, want)
		}
	}
}

// HAProxy says which address asks, whatever the client sent, and sends no POST twice: a node may
// have made what was asked for and died before its answer.
func TestHAProxyHeadersAndRetries(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"haproxy/haproxy.cfg", "compose.yaml"} {
		text := read(t, name)
		for _, want := range []string{"http-request set-header X-Forwarded-For %[src]\n", "http-request disable-l7-retry unless METH_GET\n", "use_backend writes unless METH_GET || METH_HEAD\n"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s lacks %q", name, want)
			}
		}
		if strings.Contains(text, "option forwardfor") {
			t.Errorf("%s keeps the entries of the client", name)
		}
	}
}
