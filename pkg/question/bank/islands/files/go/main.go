package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
)

func islands(rows []string) (count, largest int) {
	// Your code here
	return 0, 0
}

func answer(line string) string {
	return fmt.Sprint(islands(strings.Split(line, "/")))
}

// Each line of input is one case. Press Run and type one, or run the tests.
func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		fmt.Println(answer(lines.Text()))
	}
}
