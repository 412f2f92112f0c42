class Parser:
    def __init__(self, line):
        self.line, self.at = line, 0

    def peek(self):
        while self.line[self.at : self.at + 1] == " ":
            self.at += 1
        return self.line[self.at : self.at + 1]

    def take(self, allowed):
        here = self.peek()
        if not here or here not in allowed:
            raise SyntaxError(f"error at {self.at + 1}")
        self.at += 1
        return here

    def sum(self):
        value = self.product()
        while self.peek() and self.peek() in "+-":
            value += self.product() if self.take("+-") == "+" else -self.product()
        return value

    def product(self):
        value = self.atom()
        while self.peek() == "*":
            self.take("*")
            value *= self.atom()
        return value

    def atom(self):
        if self.peek() == "(":
            self.take("(")
            value = self.sum()
            self.take(")")
            return value
        digits = self.take("0123456789")
        while self.line[self.at : self.at + 1].isdigit():
            digits += self.take("0123456789")
        return int(digits)

    def all(self):
        value = self.sum()
        if self.peek():
            raise SyntaxError(f"error at {self.at + 1}")
        return value


def answer(line):
    try:
        return Parser(line).all()
    except SyntaxError as error:
        return error


# Each line of input is one case. Press Run and type one, or run the tests.
while True:
    try:
        print(answer(input()))
    except EOFError:
        break
