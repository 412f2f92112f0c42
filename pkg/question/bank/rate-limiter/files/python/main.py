class Limiter:
    def __init__(self, limit, window):
        # Your code here
        pass

    def allow(self, person, now):
        return False


def answer(line):
    rule, requests = line.split(": ")
    limiter = Limiter(*map(int, rule.split()))
    pairs = [request.split() for request in requests.split(", ")]
    return " ".join("yes" if limiter.allow(person, int(now)) else "no" for person, now in pairs)


# Each line of input is one case. Press Run and type one, or run the tests.
while True:
    try:
        print(answer(input()))
    except EOFError:
        break
