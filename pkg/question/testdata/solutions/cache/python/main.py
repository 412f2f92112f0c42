from collections import OrderedDict


class Cache:
    def __init__(self, capacity):
        self.capacity = capacity
        self.entries = OrderedDict()  # in the order of their use

    def get(self, key):
        if key not in self.entries:
            return None
        self.entries.move_to_end(key)
        return self.entries[key]

    def put(self, key, value):
        self.entries[key] = value
        self.entries.move_to_end(key)
        if len(self.entries) > self.capacity:
            self.entries.popitem(last=False)


def answer(line):
    capacity, steps = line.split(": ")
    cache, given = Cache(int(capacity)), []
    for what, key, *value in (step.split() for step in steps.split(", ")):
        if what == "get":
            found = cache.get(key)
            given.append("-" if found is None else found)
        else:
            cache.put(key, value[0])
    return " ".join(given)


# Each line of input is one case. Press Run and type one, or run the tests.
while True:
    try:
        print(answer(input()))
    except EOFError:
        break
