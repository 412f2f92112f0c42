package faults_test

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// binary is the path of the program, built by TestMain.
var binary string

// long is the environment variable for the number of rounds of each fault.
const long = "PARLEY_FAULTS_TIMES"

// times returns the number of rounds of a fault.
func times() int {
	if n, err := strconv.Atoi(os.Getenv(long)); err == nil && n > 0 {
		return n
	}
	return 1
}

func TestMain(m *testing.M) {
	flag.Parse()
	// The tests mostly wait: for fail-overs and for dead nodes to be noticed.
	if err := flag.Set("test.parallel", "4"); err != nil {
		panic(err)
	}
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "parley-faults-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "parley")
	args := []string{"build", "-buildvcs=false", "-o", binary}
	if raceEnabled {
		args = append(args, "-race")
	}
	build := exec.Command("go", append(args, "parley/cmd/parley")...)
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build the program: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// typing is how long people type before, between and after faults.
const typing = 700 * time.Millisecond
