package dashboards_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/table"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"

	"parley/deploy/dashboards"
)

var update = flag.Bool("update", false, "write the dashboards")

// The files for Grafana are generated from the descriptions, and there are no other files.
func TestGeneratedDashboards(t *testing.T) {
	t.Parallel()
	dir := "../grafana/dashboards"
	made := map[string]bool{}
	for _, d := range dashboards.All() {
		want, err := d.JSON()
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, d.UID+".json")
		made[path] = true
		if *update {
			if err := os.WriteFile(path, want, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != string(want) {
			t.Errorf("%s differs from its description (%v): run make gen", path, err)
		}
	}
	there, err := filepath.Glob(dir + "/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range there {
		if !made[path] {
			t.Errorf("%s has no description", path)
		}
	}
}

// Every panel says what is normal and what to do. Every runbook entry that a panel names exists.
func TestPanelsSayWhatToDo(t *testing.T) {
	t.Parallel()
	runbook, err := os.ReadFile("../RUNBOOK.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range dashboards.All() {
		for _, r := range d.Rows {
			for _, p := range r.Panels {
				if p.Title == "" || len(p.Normal) < 2 || len(p.Do) < 5 || p.Unit == "" || p.Width < 4 || len(p.Queries) == 0 {
					t.Errorf("%s: %q says too little", d.Title, p.Title)
				}
				if _, entry, ok := strings.Cut(p.Do, "RUNBOOK "); ok {
					entry, _, _ = strings.Cut(entry, ".")
					if !strings.Contains(string(runbook), "## "+entry+"\n") {
						t.Errorf("%s: %q names %q, which deploy/RUNBOOK.md does not have", d.Title, p.Title, entry)
					}
				}
			}
		}
	}
}

// Grafana's own schema knows every field that is set.
func TestDashboardsFitGrafanasSchema(t *testing.T) {
	t.Parallel()
	kinds := cog.NewRuntime()
	kinds.RegisterPanelcfgVariant(timeseries.VariantConfig())
	kinds.RegisterPanelcfgVariant(stat.VariantConfig())
	kinds.RegisterPanelcfgVariant(table.VariantConfig())
	kinds.RegisterDataqueryVariant(prometheus.VariantConfig())
	for _, d := range dashboards.All() {
		raw, err := d.JSON()
		if err != nil {
			t.Fatal(err)
		}
		//lint:ignore SA1019 provisioned files use this schema, Grafana's API a newer one
		var parsed dashboard.Dashboard
		// An empty list of errors is not nil there.
		if err := parsed.UnmarshalJSONStrict(raw); err != nil && err.Error() != "" {
			t.Errorf("%s: %v", d.Title, err)
			continue
		}
		if err := parsed.Validate(); err != nil {
			t.Errorf("%s: %v", d.Title, err)
		}
	}
}
