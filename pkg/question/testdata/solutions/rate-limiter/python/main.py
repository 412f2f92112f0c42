from collections import defaultdict, deque


class Limiter:
    def __init__(self, limit, window):
        self.limit, self.window = limit, window
        self.passed = defaultdict(deque)

    def allow(self, person, now):
        recent = self.passed[person]
        while recent and recent[0] <= now - self.window:
            recent.popleft()
        if len(recent) >= self.limit:
            return False
        recent.append(now)
        return True


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
