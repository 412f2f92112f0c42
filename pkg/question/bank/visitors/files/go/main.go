package main

import (
	"bufio"
	"fmt"
	"os"
)

func answer(log string) string {
	// Your code here: "/home 2, /pricing 1"
	return "-"
}

// Each line of input is one case. Press Run and type one, or run the tests.
func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		fmt.Println(answer(lines.Text()))
	}
}
