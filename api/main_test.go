package api_test

import (
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		// fasthttp's own goroutines: its header clock lasts for the whole program, its pool ends
		// some seconds after the server.
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"),
		// Starts the servers of the tests and lasts for the whole program.
		goleak.IgnoreAnyFunction("parley/pkg/store/redistest.launch"))
}
