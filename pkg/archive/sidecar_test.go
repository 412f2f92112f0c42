package archive_test

import (
	"testing"

	"parley/pkg/archive"
	"parley/pkg/session"
)

// The list of the archive names the question that was asked last.
func TestDescribeNamesTheQuestion(t *testing.T) {
	t.Parallel()
	sess := session.Session{ID: "0a1b2c3d", Questions: []session.Asked{{Title: "Islands"}, {Title: "Meeting rooms"}}}
	if got := archive.Describe(sess).Question; got != "Meeting rooms" {
		t.Errorf("the sidecar names the question %q", got)
	}
}
