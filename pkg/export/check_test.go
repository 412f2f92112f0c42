package export_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"parley/pkg/export"
)

// bundle is a small archive with a timeline.
func bundle(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	a := export.Archive{ID: "0a1b2c3d", Private: true, Timeline: func(_ context.Context, w io.Writer, _ bool) error {
		_, err := io.WriteString(w, "{\"v\":1}\n")
		return err
	}}
	if err := a.Write(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// pack makes a zip of names and contents.
func pack(t *testing.T, parts ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(parts); i += 2 {
		w, err := z.Create(parts[i])
		if err == nil {
			_, err = io.WriteString(w, parts[i+1])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func check(b []byte) error { return export.Check(bytes.NewReader(b), int64(len(b))) }

func TestCheck(t *testing.T) {
	t.Parallel()
	good := bundle(t)
	if err := check(good); err != nil {
		t.Fatalf("a good file: %v", err)
	}
	empty := "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	for name, tc := range map[string]struct {
		file []byte
		want error
	}{
		"empty":        {nil, export.ErrNoBundle},
		"cut":          {good[:len(good)-40], export.ErrNoBundle},
		"another zip":  {pack(t, "a.txt", "a"), export.ErrNoBundle},
		"newer":        {pack(t, "manifest.json", `{"format":2,"files":{}}`), export.ErrNewer},
		"no timeline":  {pack(t, "manifest.json", `{"format":1,"files":{"a":"`+empty+`"}}`, "a", ""), export.ErrNoReplay},
		"a wrong hash": {pack(t, "manifest.json", `{"format":1,"files":{"a":"`+empty+`"}}`, "a", "x"), export.ErrChanged},
		"one more":     {pack(t, "manifest.json", `{"format":1,"files":{"a":"`+empty+`"}}`, "a", "", "b", ""), export.ErrChanged},
		"one less":     {pack(t, "manifest.json", `{"format":1,"files":{"a":"`+empty+`"}}`), export.ErrChanged},
		"one twice":    {pack(t, "manifest.json", `{"format":1,"files":{"a":"`+empty+`"}}`, "a", "", "a", "y"), export.ErrChanged},
		"too many":     {pack(t, append([]string{"manifest.json", `{"format":1}`}, strings.Split(strings.Repeat("x,,", 2100), ",")[:4200]...)...), export.ErrTooLarge},
	} {
		if err := check(tc.file); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v, want %v", name, err, tc.want)
		}
	}
}

// Whatever the file is, the answer is one of the sentences.
func FuzzCheck(f *testing.F) {
	good := bundle(f)
	f.Add(good)
	f.Add(good[:len(good)/2])
	f.Fuzz(func(t *testing.T, file []byte) {
		err := check(file)
		for _, known := range []error{nil, export.ErrNoBundle, export.ErrNewer, export.ErrChanged, export.ErrTooLarge, export.ErrNoReplay} {
			if errors.Is(err, known) || err == known {
				return
			}
		}
		t.Errorf("an unknown error: %v", err)
	})
}
