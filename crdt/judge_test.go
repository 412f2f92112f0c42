package crdt_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"testing"
)

// judge is yjs 13.6.33 in a Node process. It answers each JSON line with one JSON line, in order. A
// test run shares one judge, since starting it takes longer than many answers.
type judge struct {
	mu  sync.Mutex // guards the pipe: one question at a time
	in  io.WriteCloser
	out *bufio.Reader
	cmd *exec.Cmd
}

var theJudge struct {
	once  sync.Once
	judge *judge
	err   error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if j := theJudge.judge; j != nil {
		j.stop()
	}
	os.Exit(code)
}

// needJudge returns the running judge.
//
// Without Node or the packages of the client, the golden files, the traces and the oracle still
// prove the engine, so the live comparison is skipped. In CI it must not be skipped: there it
// fails.
func needJudge(t *testing.T) *judge {
	t.Helper()
	theJudge.once.Do(func() { theJudge.judge, theJudge.err = startJudge() })
	if theJudge.err == nil {
		return theJudge.judge
	}
	if os.Getenv("CI") != "" || os.Getenv("PARLEY_REQUIRE_YJS") == "1" {
		t.Fatalf("the live comparison with yjs is required here: %v", theJudge.err)
	}
	t.Skipf("no live comparison with yjs (npm install in ui/, or set PARLEY_NODE_MODULES): %v", theJudge.err)
	return nil
}

func startJudge() (*judge, error) {
	cmd := exec.Command("node", "internal/yjs/replicas.mjs")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start node: %w", err)
	}
	j := &judge{in: in, out: bufio.NewReaderSize(out, 1<<16), cmd: cmd}
	var hello struct{ Yjs string }
	if err := j.ask("hello", nil, &hello); err != nil {
		j.stop()
		return nil, fmt.Errorf("no answer from node: %w", err)
	}
	return j, nil
}

// stop ends the process by ending its input, and waits for it.
func (j *judge) stop() {
	j.in.Close()
	_ = j.cmd.Wait() // its exit code was told by the answers that did not come
}

// ask sends a question with its arguments and decodes the answer; byte slices travel as base64.
func (j *judge) ask(op string, args map[string]any, answer any) error {
	question := map[string]any{"op": op}
	for k, v := range args {
		question[k] = v
	}
	line, err := json.Marshal(question)
	if err != nil {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if _, err := j.in.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("ask %s: %w", op, err)
	}
	reply, err := j.out.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("answer to %s: %w", op, err)
	}
	var fault struct{ Error string }
	if json.Unmarshal(reply, &fault) == nil && fault.Error != "" {
		return fmt.Errorf("yjs on %s: %s", op, fault.Error)
	}
	return json.Unmarshal(reply, answer)
}

// explain shows updates struct by struct, as yjs reads them.
func (j *judge) explain(updates ...[]byte) []string {
	var out []string
	if err := j.ask("explain", map[string]any{"updates": updates}, &out); err != nil {
		return []string{err.Error()}
	}
	return out
}
