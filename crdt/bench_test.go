package crdt_test

import (
	"runtime"
	"testing"

	"parley/crdt"
)

// The benchmarks run over the traces in testdata, or over all of the folder that PARLEY_TRACES
// names. internal/yjs/compare.mjs runs them in turns with yjs on the same files and prints the
// ratios.

// loop repeats an operation. Beside the time on the clock it reports processor time, which includes
// garbage collection and excludes other work of the machine.
func loop(b *testing.B, operation func()) {
	start := cpuTime()
	for b.Loop() {
		operation()
	}
	b.ReportMetric(float64(cpuTime()-start)/float64(b.N), "cpu-ns/op")
}

// perUpdate reports the time of an operation over a whole trace, divided by the number of updates.
func perUpdate(b *testing.B, updates int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(updates), "ns/update")
}

func eachTrace(b *testing.B, bench func(b *testing.B, s *trace, list [][]byte)) {
	for _, s := range readTraces(b) {
		b.Run(s.name, func(b *testing.B) {
			list := s.updates(b)
			b.ReportAllocs()
			runtime.GC() // what a set before left behind is not this one's cost
			bench(b, s, list)
		})
	}
}

// BenchmarkApplyStream applies a session update by update to an empty document.
func BenchmarkApplyStream(b *testing.B) {
	eachTrace(b, func(b *testing.B, s *trace, list [][]byte) {
		loop(b, func() {
			doc := crdt.NewDoc()
			for _, u := range list {
				if err := doc.ApplyUpdate(u); err != nil {
					b.Fatal(err)
				}
			}
		})
		perUpdate(b, len(list))
	})
}

// BenchmarkLoad applies the whole state in one update to an empty document.
func BenchmarkLoad(b *testing.B) {
	eachTrace(b, func(b *testing.B, s *trace, list [][]byte) {
		state := encode(b, stream(b, list))
		b.SetBytes(int64(len(state)))
		loop(b, func() {
			if err := crdt.NewDoc().ApplyUpdate(state); err != nil {
				b.Fatal(err)
			}
		})
	})
}

// BenchmarkEncode writes the whole state.
func BenchmarkEncode(b *testing.B) {
	eachTrace(b, func(b *testing.B, s *trace, list [][]byte) {
		doc := stream(b, list)
		b.SetBytes(int64(len(encode(b, doc))))
		loop(b, func() {
			encode(b, doc)
		})
	})
}

// BenchmarkDiff writes what a replica lacks that has seen half of the session.
func BenchmarkDiff(b *testing.B) {
	eachTrace(b, func(b *testing.B, s *trace, list [][]byte) {
		vector := stream(b, list[:len(list)/2]).EncodeStateVector()
		doc := stream(b, list)
		loop(b, func() {
			if _, err := doc.EncodeStateAsUpdate(vector); err != nil {
				b.Fatal(err)
			}
		})
	})
}

// BenchmarkMerge merges all updates of a session in one call, without a document.
func BenchmarkMerge(b *testing.B) {
	eachTrace(b, func(b *testing.B, s *trace, list [][]byte) {
		loop(b, func() {
			if _, err := crdt.MergeUpdates(list...); err != nil {
				b.Fatal(err)
			}
		})
		perUpdate(b, len(list))
	})
}

// BenchmarkVectorFromUpdate reads the state vector out of the whole state.
func BenchmarkVectorFromUpdate(b *testing.B) {
	eachTrace(b, func(b *testing.B, s *trace, list [][]byte) {
		state := encode(b, stream(b, list))
		loop(b, func() {
			if _, err := crdt.EncodeStateVectorFromUpdate(state); err != nil {
				b.Fatal(err)
			}
		})
	})
}

// BenchmarkText reads the text of a document.
func BenchmarkText(b *testing.B) {
	for _, s := range readTraces(b) {
		if s.TextSha256 == "" {
			continue
		}
		b.Run(s.name, func(b *testing.B) {
			text := stream(b, s.updates(b)).Text("text")
			b.ReportAllocs()
			loop(b, func() {
				_ = text.String()
			})
		})
	}
}

// BenchmarkAppendText reads the text of a document into the same bytes again and again.
func BenchmarkAppendText(b *testing.B) {
	for _, s := range readTraces(b) {
		if s.TextSha256 == "" {
			continue
		}
		b.Run(s.name, func(b *testing.B) {
			text := stream(b, s.updates(b)).Text("text")
			var room []byte
			b.ReportAllocs()
			loop(b, func() {
				room = text.AppendString(room[:0])
			})
		})
	}
}

// BenchmarkMemory reports what a document keeps, in bytes, after streaming and after loading its
// state.
func BenchmarkMemory(b *testing.B) {
	eachTrace(b, func(b *testing.B, s *trace, list [][]byte) {
		state := encode(b, stream(b, list))
		var streamed, loaded uint64
		loop(b, func() {
			streamed = kept(func() *crdt.Doc { return stream(b, list) })
			loaded = kept(func() *crdt.Doc { return stream(b, [][]byte{state}) })
		})
		b.ReportMetric(float64(streamed), "streamed-bytes")
		b.ReportMetric(float64(loaded), "loaded-bytes")
	})
}

// kept is by how much the heap grows with the document that build makes.
func kept(build func() *crdt.Doc) uint64 {
	before := heap()
	doc := build()
	after := heap()
	runtime.KeepAlive(doc)
	return after - before
}

// heap is the bytes in use. Two collections empty the pools.
func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func stream(tb testing.TB, list [][]byte) *crdt.Doc {
	tb.Helper()
	doc := crdt.NewDoc()
	for i, u := range list {
		if err := doc.ApplyUpdate(u); err != nil {
			tb.Fatalf("update %d: %v", i, err)
		}
	}
	return doc
}
