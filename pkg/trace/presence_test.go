package trace

import (
	"strings"
	"testing"
)

// Whatever a page publishes, what is read of it is of the known form.
func FuzzReadPresence(f *testing.F) {
	for _, s := range []string{
		`{"file":"main","view":3,"activity":"away"}`, `{"file":1,"view":"x","activity":{}}`, `null`, `[]`, `{`, `{"view":1e308}`, `{"view":-1,"file":""}`,
		`{"file":"a\nb"}`, `{"file":"` + strings.Repeat("x", 65) + `","activity":"join"}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, state []byte) {
		p, ok := readPresence(state)
		if !ok && p != (presence{}) {
			t.Errorf("%+v of a state that is none", p)
		}
		if p.file != "" && !validFile(p.file) || p.line < 0 || p.line > maxLine || p.activity != "" && p.activity != Active && p.activity != Idle && p.activity != Away {
			t.Errorf("%q gave %+v", state, p)
		}
	})
}
