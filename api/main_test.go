package api_test

import (
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		// A library's own: the clock of its headers, for the life of the program, and what ends some seconds after its server.
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"),
		// Starts the tests' servers, for the life of the program.
		goleak.IgnoreAnyFunction("parley/pkg/store/redistest.launch"))
}
