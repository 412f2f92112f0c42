package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
)

type limiter struct {
	// Your code here
}

func newLimiter(limit, window int) *limiter { return &limiter{} }

func (l *limiter) allow(person string, now int) bool { return false }

func answer(line string) string {
	rule, requests, _ := strings.Cut(line, ": ")
	var limit, window, now int
	fmt.Sscan(rule, &limit, &window)
	l, said := newLimiter(limit, window), []string{}
	for _, request := range strings.Split(requests, ", ") {
		var person string
		fmt.Sscan(request, &person, &now)
		said = append(said, map[bool]string{true: "yes", false: "no"}[l.allow(person, now)])
	}
	return strings.Join(said, " ")
}

// Each line of input is one case. Press Run and type one, or run the tests.
func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		fmt.Println(answer(lines.Text()))
	}
}
