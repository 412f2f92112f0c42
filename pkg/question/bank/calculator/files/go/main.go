package main

import (
	"bufio"
	"fmt"
	"os"
)

func answer(line string) string {
	// Your code here
	return "0"
}

// Each line of input is one case. Press Run and type one, or run the tests.
func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		fmt.Println(answer(lines.Text()))
	}
}
