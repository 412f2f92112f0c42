package localstore_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"parley/pkg/store/localstore"
	"parley/pkg/trace"
)

// A process that is killed writes no leave. The next one ends the visit at the last sign of life,
// or goes on with it when the person comes back soon.
func TestVisitsOutliveTheProcess(t *testing.T) {
	t.Parallel()
	now := time.Now().UTC().Truncate(time.Millisecond)
	for name, tc := range map[string]struct {
		wrote time.Time // the last write of the first process
		want  []trace.Kind
	}{
		"back soon":      {now.Add(-2 * time.Second), []trace.Kind{trace.Join, trace.Leave}},
		"back after all": {now.Add(-time.Hour), []trace.Kind{trace.Join, trace.Leave, trace.Join, trace.Leave}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			record := func(at time.Time, kinds ...trace.Kind) (events []trace.Event) {
				s := mustOpen(t, dir, localstore.Options{})
				if at.Equal(tc.wrote.Add(-time.Minute)) {
					mustCreate(t, s, "aaaa0001")
				}
				for _, kind := range kinds {
					if err := s.RecordTrace(t.Context(), []trace.Event{{Session: "aaaa0001", By: "ada", Kind: kind, At: at}}); err != nil {
						t.Fatal(err)
					}
				}
				events, err := s.Trace(t.Context(), "aaaa0001")
				if err != nil {
					t.Fatal(err)
				}
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
				return events
			}
			record(tc.wrote.Add(-time.Minute), trace.Join)
			if err := os.Chtimes(filepath.Join(dir, localstore.FileName), tc.wrote, tc.wrote); err != nil {
				t.Fatal(err)
			}
			events := record(now, trace.Join, trace.Leave)
			var got []trace.Kind
			for _, e := range events {
				got = append(got, e.Kind)
			}
			if len(got) != len(tc.want) {
				t.Fatalf("got %v, want %v", got, tc.want)
			}
			if end := events[1]; end.Kind != trace.Leave || len(got) == 4 && !end.At.Equal(tc.wrote) {
				t.Errorf("the first visit ends by %+v, the process ended at %v", end, tc.wrote)
			}
		})
	}
}
