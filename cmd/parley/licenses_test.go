package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"testing/fstest"
)

func TestLicencesAndSBOM(t *testing.T) {
	t.Parallel()
	listed := fstest.MapFS{"notices/notices.json": {Data: []byte(`[
		{"kind":"golang","name":"example.com/a","version":"1.2.3","licence":"MIT","text":"the text of a"},
		{"kind":"golang","name":"std","version":"1.26.8","licence":"BSD-3-Clause","text":"go"},
		{"kind":"npm","name":"@x/y","version":"4.0.0","licence":"(MPL-2.0 OR Apache-2.0)","text":""}]`)}}
	runtimes := fstest.MapFS{"lua/runtime.json": {Data: []byte(`{"title":"Lua","licences":[{"name":"Lua","version":"5.4","licence":"MIT","text":"the text of Lua","note":"from Brazil"}]}`)}}
	var table, full, first, second, errs bytes.Buffer
	if code := showLicenses(nil, listed, runtimes, &table, &errs); code != exitOK || errs.Len() > 0 {
		t.Fatalf("exit %d, %s", code, errs.String())
	}
	for _, want := range []string{"golang   example.com/a  1.2.3", "npm      @x/y", "runtime  Lua", "(MPL-2.0 OR Apache-2.0)", "MIT licence"} {
		if !strings.Contains(table.String(), want) {
			t.Errorf("no %q in\n%s", want, table.String())
		}
	}
	if code := showLicenses([]string{"--full"}, listed, runtimes, &full, &errs); code != exitOK || !strings.Contains(full.String(), "the text of a") || !strings.Contains(full.String(), "from Brazil") {
		t.Errorf("exit %d:\n%s", code, full.String())
	}
	for _, out := range []*bytes.Buffer{&first, &second} {
		if code := showSBOM(nil, listed, runtimes, out, &errs); code != exitOK {
			t.Fatalf("exit %d, %s", code, errs.String())
		}
	}
	if first.String() != second.String() {
		t.Error("two lists of the same program differ")
	}
	var doc bom
	if err := json.Unmarshal(first.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	var purls []string
	for _, c := range doc.Components {
		purls = append(purls, c.PURL)
	}
	if got := strings.Join(purls, " "); doc.Format != "CycloneDX" || len(doc.Serial) != 45 || got != "pkg:golang/example.com/a@v1.2.3 pkg:golang/std@1.26.8 pkg:npm/%40x/y@4.0.0 " {
		t.Errorf("format %q, serial %q, components %q", doc.Format, doc.Serial, got)
	}
	for what, code := range map[string]int{
		"without a list": showLicenses(nil, fstest.MapFS{}, runtimes, &table, &errs), "with a broken list": showSBOM(nil, fstest.MapFS{"notices/notices.json": {Data: []byte("x")}}, runtimes, &table, &errs),
	} {
		if code != exitFailure {
			t.Errorf("%s: exit %d", what, code)
		}
	}
	if code := showSBOM([]string{"x"}, listed, runtimes, &table, &errs); code != exitUsage || !strings.Contains(errs.String(), "make build") {
		t.Errorf("exit %d, %s", code, errs.String())
	}
}
