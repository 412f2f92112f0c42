package arch

import "strings"

// Module is the module path that the rules speak of.
const Module = "parley"

// Limits of non-test code, in lines. A function of a codec table or a state machine may reach
// MaxFunction; most stay under 50.
const (
	MaxFunction = 80
	MaxFile     = 500
)

// A line that holds nothing but a comment ends at MaxCommentColumn. The width is counted in runes,
// and a tab counts as TabWidth of them, as .editorconfig shows it.
const (
	MaxCommentColumn = 100
	TabWidth         = 4
)

// Layer says what the packages under one path of the module may import of the module's own
// packages. A path covers itself and what is below it; the longest path that covers a package wins.
type Layer struct {
	Path  string   // relative to the module, "crdt"
	May   []string // relative to the module, each with what is below it
	Tests []string // allowed to test files in addition
}

// Layers is the architecture, bottom first. What a package may import is listed in full: the order
// of the list carries no meaning.
var Layers = []Layer{
	{Path: "crdt"},
	{Path: "crdt/internal/lib0"},
	{Path: "crdt/internal/wire", May: []string{"crdt/internal/lib0"}},                         // bytes: it knows no document
	{Path: "crdt/internal/oracle", May: []string{"crdt/internal/wire", "crdt/internal/lib0"}}, // nor the engine
	{Path: "pkg/protocol", May: []string{"crdt"}},
	// Parts count for themselves; telemetry gives their counts a name and a unit.
	{Path: "pkg/telemetry", May: []string{"pkg/relay", "pkg/session", "pkg/access"}, Tests: []string{"pkg/protocol", "crdt"}},
	{Path: "pkg/internal/rawio"},
	{Path: "pkg/wsconn", May: []string{"pkg/internal/rawio"}},
	{Path: "pkg/access"},
	{Path: "pkg/signin", May: []string{"pkg/access"}},
	{Path: "pkg/audit"},
	{Path: "pkg/trace"},
	{Path: "pkg/timeline", May: []string{"pkg/relay", "pkg/trace"}, Tests: []string{"crdt", "pkg/store", "pkg/session", "pkg/access"}},
	{Path: "pkg/webhook"},
	{Path: "pkg/question"},
	// session and relay do not know each other: api joins them.
	{Path: "pkg/session", May: []string{"pkg/access", "crdt"}, Tests: []string{"pkg/store", "pkg/relay"}},
	{Path: "pkg/nodes", May: []string{"pkg/session"}, Tests: []string{"pkg/store", "pkg/relay", "pkg/access"}},
	{Path: "pkg/relay", May: []string{"pkg/protocol", "crdt"}, Tests: []string{"pkg/store"}},
	{Path: "pkg/scorecard", May: []string{"pkg/session", "pkg/question"}},
	{Path: "pkg/export", May: []string{"pkg/audit", "pkg/scorecard", "crdt"}, Tests: []string{"pkg/access", "pkg/session", "pkg/question"}},
	{Path: "pkg/archive", May: []string{"pkg/session", "pkg/access"}, Tests: []string{"pkg/store"}},
	// A store knows the packages whose interfaces it satisfies, and the types that these speak in.
	{Path: "pkg/store", May: []string{"pkg/relay", "pkg/session", "pkg/access", "pkg/signin", "pkg/audit", "pkg/trace", "pkg/store", "pkg/internal/rawio", "crdt"}},
	{Path: "pkg/internal/arch"},
	{Path: "pkg/internal/faults", Tests: []string{"crdt", "pkg/protocol", "pkg/store/redistest"}},
	{Path: "ui"},
	{Path: "deploy", Tests: []string{"pkg", "crdt"}}, // what operators are given, and its tests
	{
		Path: "api",
		May: []string{
			"pkg/access", "pkg/session", "pkg/relay", "pkg/protocol", "pkg/telemetry", "pkg/audit", "pkg/trace", "pkg/timeline", "pkg/webhook", "pkg/export",
			"pkg/archive", "pkg/question", "pkg/scorecard", "pkg/wsconn", "pkg/signin", "crdt",
		},
		Tests: []string{"pkg/store", "pkg/nodes", "ui"},
	},
	{Path: "cmd", May: []string{"api", "pkg", "crdt", "ui"}},
}

// Fence keeps something from outside the module in the few packages that are there to know it.
type Fence struct {
	Prefix string   // import path from outside, with what is below it
	Only   []string // packages of the module, each with what is below it
	Why    string
}

// Fences name every dependency of weight. The packages of StandardLibraryOnly need no fence.
var Fences = []Fence{
	{"github.com/gofiber", []string{"api", "cmd/parley-bench"}, "the web framework lends its values for one request; only api copies at that edge"},
	{"github.com/valyala/fasthttp", []string{"api"}, "the web framework's own ground"},
	{"github.com/fasthttp/websocket", []string{"api", "cmd/parley-bench"}, "relay sees a Socket, never a websocket library"},
	{"github.com/danielgtaylor/huma", []string{"api"}, "domain packages speak Go, not HTTP"},
	{"net/http", []string{"api", "cmd", "pkg/telemetry", "pkg/webhook", "pkg/signin", "pkg/archive/s3store", "pkg/archive/objecttest"}, "domain packages speak Go, not HTTP"},
	{"go.etcd.io/bbolt", []string{"pkg/store/localstore"}, "backend types stay in the store's package"},
	{"github.com/redis", []string{"pkg/store/redisstore"}, "backend types stay in the store's package"},
	{"github.com/minio", []string{"pkg/archive/s3store"}, "an archive's place is five methods, whoever keeps the objects"},
	{"github.com/golang-jwt", []string{"pkg/access"}, "who is who is decided in one place"},
	{"github.com/coreos/go-oidc", []string{"pkg/signin"}, "only one package speaks with a sign-in provider"},
	{"github.com/go-jose", []string{"pkg/signin"}, "only one package speaks with a sign-in provider"},
	{"golang.org/x/oauth2", []string{"pkg/signin"}, "only one package speaks with a sign-in provider"},
	{"go.yaml.in/yaml", []string{"cmd", "deploy", "pkg/question"}, "settings are read in one place, questions in another"},
	{"go.opentelemetry.io", []string{"pkg/telemetry"}, "parts know no spans; telemetry puts them around requests and store calls"},
	{"github.com/prometheus", []string{"pkg/telemetry", "api", "cmd"}, "parts count, telemetry exports"},
}

// ErrorKey is the key of an error in a log line.
const ErrorKey = "err"

// StandardLibraryOnly lists packages (with what is below them) that anybody can import without
// taking on a dependency.
var StandardLibraryOnly = []string{"crdt", "pkg/protocol", "pkg/wsconn", "pkg/internal/rawio"}

// Exceptions name what may pass a limit or go without a comment, and why.
// Keys: "path/file.go" for length of file, "path/file.go:Func" or "path/file.go:Type.Method" for
// length of function.
var Exceptions = map[string]string{}

// covers reports whether path is at or below parent, both slash separated.
func covers(parent, path string) bool {
	return path == parent || strings.HasPrefix(path, parent+"/")
}

// layerOf returns the layer with the longest path that covers pkg (relative to the module), and
// false when none does.
func layerOf(pkg string) (Layer, bool) {
	var best Layer
	found := false
	for _, l := range Layers {
		if covers(l.Path, pkg) && (!found || len(l.Path) > len(best.Path)) {
			best, found = l, true
		}
	}
	return best, found
}

// mayImport reports whether a package of the module may import another of the module; both are
// relative to it. A package may always import what is in its own layer's tree.
func mayImport(pkg, other string, inTest bool) bool {
	l, ok := layerOf(pkg)
	if !ok {
		return false
	}
	allowed := append([]string{l.Path}, l.May...)
	if inTest {
		allowed = append(allowed, l.Tests...)
	}
	for _, a := range allowed {
		if covers(a, other) {
			return true
		}
	}
	return false
}

// fenced returns the fence that keeps pkg (relative to the module) from importing path, if any.
func fenced(pkg, path string) (Fence, bool) {
	for _, f := range Fences {
		if !covers(f.Prefix, path) {
			continue
		}
		for _, only := range f.Only {
			if covers(only, pkg) {
				return Fence{}, false
			}
		}
		return f, true
	}
	return Fence{}, false
}
