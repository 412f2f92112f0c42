package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
)

// split splits a bill of some cents among people.
func split(bill, people int) []int {
	shares := make([]int, people)
	for i := range shares {
		shares[i] = bill / people
		if i < bill%people {
			shares[i]++
		}
	}
	return shares
}

func answer(line string) string {
	var bill, people int
	fmt.Sscan(line, &bill, &people)
	shares := split(bill, people)
	if len(shares) == 0 {
		return "-"
	}
	return strings.Trim(fmt.Sprint(shares), "[]")
}

// Each line of input is one case. Press Run and type one, or run the tests.
func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		fmt.Println(answer(lines.Text()))
	}
}
