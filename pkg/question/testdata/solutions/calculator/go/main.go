package main

import (
	"bufio"
	"fmt"
	"os"
)

type parser struct {
	line   string
	at     int
	failed bool
}

func answer(line string) string {
	p := &parser{line: line}
	value := p.sum()
	if p.peek() != 0 {
		p.failed = true
	}
	if p.failed {
		return fmt.Sprintf("error at %d", p.at+1)
	}
	return fmt.Sprint(value)
}

// peek gives the next character that is no blank, and 0 at the end or after a mistake.
func (p *parser) peek() byte {
	for !p.failed && p.at < len(p.line) && p.line[p.at] == ' ' {
		p.at++
	}
	if p.failed || p.at == len(p.line) {
		return 0
	}
	return p.line[p.at]
}

// take goes on when the next character is c.
func (p *parser) take(c byte) bool {
	if p.peek() != c {
		return false
	}
	p.at++
	return true
}

func (p *parser) sum() int {
	value := p.product()
	for {
		switch {
		case p.take('+'):
			value += p.product()
		case p.take('-'):
			value -= p.product()
		default:
			return value
		}
	}
}

func (p *parser) product() int {
	value := p.atom()
	for p.take('*') {
		value *= p.atom()
	}
	return value
}

func (p *parser) atom() (value int) {
	if p.take('(') {
		value = p.sum()
		if !p.take(')') {
			p.failed = true
		}
		return value
	}
	if c := p.peek(); c < '0' || c > '9' {
		p.failed = true
		return 0
	}
	for p.at < len(p.line) && p.line[p.at] >= '0' && p.line[p.at] <= '9' {
		value = value*10 + int(p.line[p.at]-'0')
		p.at++
	}
	return value
}

// Each line of input is one case. Press Run and type one, or run the tests.
func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		fmt.Println(answer(lines.Text()))
	}
}
