package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
)

type meeting struct{ start, end float64 }

func roomsNeeded(meetings []meeting) int {
	// Your code here
	return 0
}

func answer(line string) int {
	meetings := []meeting{}
	for _, part := range strings.Fields(line) {
		var m meeting
		fmt.Sscanf(part, "%g-%g", &m.start, &m.end)
		meetings = append(meetings, m)
	}
	return roomsNeeded(meetings)
}

// Each line of input is one case. Press Run and type one, or run the tests.
func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		fmt.Println(answer(lines.Text()))
	}
}
