package access_test

import (
	"fmt"
	"strings"
	"testing"

	"parley/pkg/access"
)

func TestKeys(t *testing.T) {
	t.Parallel()
	keys := access.NewKeys([]string{"first-key-123", "second-key-456"})
	a, okA := keys.Match("first-key-123")
	b, okB := keys.Match("second-key-456")
	if !okA || !okB || a == b || a == "" || strings.Contains(a, "first") {
		t.Errorf("known keys match as %q %v, %q %v", a, okA, b, okB)
	}
	for _, bad := range []string{"", "first-key-12", "first-key-1234", "FIRST-KEY-123", "third"} {
		if name, ok := keys.Match(bad); ok || name != "" {
			t.Errorf("%q matches as %q", bad, name)
		}
	}
	if text := fmt.Sprintf("%v %+v %s", keys, keys, keys); strings.Contains(text, "first-key") {
		t.Error("the keys are kept in plain text")
	}
	var none *access.Keys
	if _, ok := none.Match(""); ok || none.Any() || access.NewKeys(nil).Any() || !keys.Any() {
		t.Error("an empty Keys matches a key")
	}
}
