package question_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"testing"
)

// many returns a bank of 10,000 questions.
func many(b *testing.B) string {
	dir := b.TempDir()
	for n := range 10_000 {
		write(b, filepath.Join(dir, fmt.Sprintf("question-%d", n)), map[string]string{
			"question.yaml":           fmt.Sprintf("title: Question %d\nsummary: One of many\nminutes: 10\nlevel: easy\ntags: [maps, sorting]\n", n),
			"prompt.md":               "# A question\n",
			"files/javascript/app.js": "1;\n",
		})
	}
	return dir
}

// BenchmarkList is what a list of 10,000 questions costs as JSON, as the API sends it.
func BenchmarkList(b *testing.B) {
	bank := open(b, many(b))
	b.ReportAllocs()
	for b.Loop() {
		raw, err := json.Marshal(bank.List())
		if err != nil || len(raw) < 1<<20 {
			b.Fatal(err)
		}
	}
}

// BenchmarkRefresh is one look at 10,000 folders of which none has changed.
func BenchmarkRefresh(b *testing.B) {
	bank := open(b, many(b))
	for b.Loop() {
		if err := bank.Refresh(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkOpen reads 10,000 folders, as a server does when it starts.
func BenchmarkOpen(b *testing.B) {
	dir := many(b)
	for b.Loop() {
		open(b, dir)
	}
}
